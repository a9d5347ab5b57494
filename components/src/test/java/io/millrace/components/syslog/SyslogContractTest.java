/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.DatagramOptions;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.Datagrams;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.SocketLines;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import io.millrace.kit.text.MultilineOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** The syslog sources. Their senders are told nothing: that is the protocol. */
class SyslogContractTest {
  private static final int MAX_BYTES_IN_FLIGHT = 1 << 20;
  private static final String GARBAGE = "<99999>garbage";

  private abstract static class Syslog implements SourceFixture {
    final int port;

    Syslog() throws IOException {
      port = FreePort.any();
    }

    static List<String> messages(List<String> bodies) {
      return bodies.stream().map(body -> "<13>Nov 23 05:09:19 host " + body).toList();
    }

    static byte[] lines(List<String> messages) {
      return (String.join("\n", messages) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      SocketLines.send(port, lines(messages(bodies)));
      return Set.of();
    }

    @Override
    public void offerGarbage() throws IOException {
      SocketLines.send(port, lines(List.of(GARBAGE)));
      SocketLines.send(port, "<13>".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean isOfGarbage(String body) {
      return body.contains("garbage") || body.equals("<13>") || body.isEmpty();
    }

    @Override
    public boolean isUnanswered() {
      return true;
    }

    /** Messages that are half there may take as much again as those that wait. */
    @Override
    public long maxBytesInFlight() {
      return 3 * MAX_BYTES_IN_FLIGHT;
    }

    static SyslogStreamOptions stream() {
      return new SyslogStreamOptions(
          Framing.AUTO,
          1_000,
          DataSize.ofBytes(MAX_BYTES_IN_FLIGHT),
          Duration.ZERO,
          Optional.empty(),
          MultilineOptions.NONE,
          ServerTlsOptions.none(),
          ProxyProtocolOptions.OFF);
    }
  }

  @Nested
  class Tcp extends SourceContract {
    @Override
    protected SourceFixture fixture(Path directory) throws IOException {
      return new Syslog() {
        @Override
        public Source build(SourceContext context) {
          return new SyslogTcpOptions(
                  Optional.of("127.0.0.1"),
                  port,
                  DataSize.ofBytes(2_500),
                  100,
                  SyslogMessageOptions.PLAIN,
                  SyslogFormatOptions.NONE,
                  stream())
              .build(context);
        }
      };
    }
  }

  @Nested
  class MultiportTcp extends SourceContract {
    @Override
    protected SourceFixture fixture(Path directory) throws IOException {
      return new Syslog() {
        @Override
        public Source build(SourceContext context) {
          return new MultiportSyslogTcpOptions(
                  Optional.of("127.0.0.1"),
                  List.of(Integer.toString(port)),
                  DataSize.ofBytes(2_500),
                  Optional.empty(),
                  StandardCharsets.UTF_8,
                  Map.of(),
                  100,
                  DataSize.ofBytes(65_536),
                  Optional.empty(),
                  SyslogMessageOptions.PLAIN,
                  stream())
              .build(context);
        }
      };
    }
  }

  @Nested
  class Udp extends SourceContract {
    @Override
    protected SourceFixture fixture(Path directory) throws IOException {
      return new Syslog() {
        @Override
        public Source build(SourceContext context) {
          return new SyslogUdpOptions(
                  Optional.of("127.0.0.1"),
                  port,
                  SyslogMessageOptions.PLAIN,
                  SyslogFormatOptions.NONE,
                  new DatagramOptions(
                      100, DataSize.ofBytes(1 << 20), DataSize.ofBytes(MAX_BYTES_IN_FLIGHT)))
              .build(context);
        }

        @Override
        public Set<String> offer(List<String> bodies) throws IOException {
          Datagrams.send(port, messages(bodies));
          return Set.of();
        }

        @Override
        public void flood(List<String> bodies) throws IOException {
          Datagrams.send(port, messages(bodies));
        }

        @Override
        public void offerGarbage() throws IOException {
          Datagrams.send(port, List.of(GARBAGE, "<13>", ""));
        }

        @Override
        public boolean holdsItsSendersBack() {
          return false;
        }
      };
    }
  }
}
