/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.components.listen.ProxyProtocolOptions;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Map;

/** Options of the netcat source. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "netcat",
    flumeClasses = "org.apache.flume.source.NetcatSource",
    summary =
        "Receives lines of text over TCP. Each line is an event, empty ones too; a carriage return"
            + " stays in it. A last line without a line feed is an event when the client ends its"
            + " side of the connection.")
public record NetcatOptions(
    @Option(doc = "Address or host name to listen on.", required = true) String bind,
    @Option(doc = "Port to listen on; 0 takes any.", required = true, min = 0, max = 65535)
        int port,
    @Option(
            name = "max-line-length",
            doc =
                "Longest line in characters, with its line feed. A longer one is answered with"
                    + " FAILED and ends the connection.",
            def = "512",
            min = 2,
            max = 1 << 24)
        int maxLineLength,
    @Option(
            name = "ack-every-event",
            doc =
                "Answers OK for each line once the channels have it. FAILED is answered in any"
                    + " case.",
            def = "true")
        boolean ackEveryEvent,
    @Option(
            doc =
                "Encoding of the lines and answers; bodies are UTF-8. Bytes of utf-8 lines are not"
                    + " looked into.",
            def = "utf-8")
        Charset encoding,
    @Option(
            name = "max-connections",
            doc =
                "Most connections. One more takes the place of the one that was silent longest, if"
                    + " that is over a minute, else it is refused.",
            def = "1000",
            min = 1)
        int maxConnections,
    @Option(
            name = "max-bytes-in-flight",
            doc =
                "Bytes of lines that wait for the channels, of all connections; nothing is read"
                    + " beyond that.",
            def = "32MiB",
            min = 1,
            bareUnit = BareUnit.BYTES)
        DataSize maxBytesInFlight,
    @Option(
            name = "idle-timeout",
            doc = "Ends connections on which nothing came for this long; 0 never does.",
            def = "0",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration idleTimeout,
    @OptionGroup ProxyProtocolOptions proxy)
    implements SourceOptions {
  @Override
  public Map<String, String> ineffective() {
    return proxy.ineffective();
  }

  @Override
  public Source build(SourceContext context) {
    return new NetcatSource(this, context);
  }
}
