/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.Sink;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.HopLimits;
import io.millrace.components.testing.Sinks;
import io.millrace.components.testing.SocketLines;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class AvroContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    return new Fixture(FreePort.any());
  }

  private record Fixture(int port) implements SourceFixture {
    @Override
    public Source build(SourceContext context) {
      return new AvroSourceOptions(
              "127.0.0.1",
              port,
              Optional.empty(),
              CompressionType.NONE,
              false,
              List.of(),
              ServerTlsOptions.none(),
              HopLimits.ample(),
              ProxyProtocolOptions.OFF)
          .build(context);
    }

    private Sink sink() {
      return AvroPair.sink(
          new ToyContext(), port, CompressionType.NONE, 6, ClientTlsOptions.none(), true);
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      return Sinks.offer(sink(), bodies);
    }

    @Override
    public void flood(List<String> bodies) throws IOException {
      Sinks.flood(sink(), bodies);
    }

    @Override
    public void offerGarbage() throws IOException {
      SocketLines.send(port, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      SocketLines.send(port, new byte[] {0, 0, 0, 1, 0x7f, -1, -1, -1, 0, 0});
    }

    /** The limits of {@link HopLimits#ample}. */
    @Override
    public long maxBytesInFlight() {
      return 64 << 20;
    }
  }
}
