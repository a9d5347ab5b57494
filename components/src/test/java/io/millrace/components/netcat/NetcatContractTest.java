/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.SocketLines;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class NetcatContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    return new Fixture(FreePort.any());
  }

  private record Fixture(int port) implements SourceFixture {
    private static final int MAX_BYTES_IN_FLIGHT = 1 << 20;

    @Override
    public Source build(SourceContext context) {
      return new NetcatOptions(
              "127.0.0.1",
              port,
              2_000,
              true,
              StandardCharsets.UTF_8,
              100,
              DataSize.ofBytes(MAX_BYTES_IN_FLIGHT),
              Duration.ZERO,
              ProxyProtocolOptions.OFF)
          .build(context);
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      List<String> answers = SocketLines.ask(port, bodies);
      Set<String> taken = new HashSet<>();
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i).equals("OK")) {
          taken.add(bodies.get(i));
        }
      }
      return taken;
    }

    @Override
    public void flood(List<String> bodies) throws IOException {
      SocketLines.send(port, (String.join("\n", bodies) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** A line that is too long. */
    @Override
    public void offerGarbage() throws IOException {
      SocketLines.send(port, "x".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    }

    /** One buffer is read before its lines are counted. */
    @Override
    public long maxBytesInFlight() {
      return 2 * MAX_BYTES_IN_FLIGHT;
    }
  }
}
