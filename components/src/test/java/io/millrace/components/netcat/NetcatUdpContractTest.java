/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.DatagramOptions;
import io.millrace.components.testing.Datagrams;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Its senders are told nothing, and what the kernel has no room for is gone. */
class NetcatUdpContractTest extends SourceContract {
  private static final int MAX_BYTES_IN_FLIGHT = 1 << 20;

  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    int port = FreePort.any();
    return new SourceFixture() {
      @Override
      public Source build(SourceContext context) {
        return new NetcatUdpOptions(
                Optional.of("127.0.0.1"),
                port,
                Optional.empty(),
                new DatagramOptions(
                    100, DataSize.ofBytes(1 << 20), DataSize.ofBytes(MAX_BYTES_IN_FLIGHT)))
            .build(context);
      }

      @Override
      public Set<String> offer(List<String> bodies) throws IOException {
        Datagrams.send(port, bodies);
        return Set.of();
      }

      @Override
      public void offerGarbage() throws IOException {
        Datagrams.send(port, List.of("", "\u0000garbage"));
      }

      @Override
      public boolean isOfGarbage(String body) {
        return body.isEmpty() || body.contains("garbage");
      }

      @Override
      public boolean isUnanswered() {
        return true;
      }

      @Override
      public boolean holdsItsSendersBack() {
        return false;
      }

      @Override
      public long maxBytesInFlight() {
        return 2 * MAX_BYTES_IN_FLIGHT;
      }
    };
  }
}
