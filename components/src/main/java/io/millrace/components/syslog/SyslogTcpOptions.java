/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Options of the syslogtcp source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "syslogtcp",
    flumeClasses = "org.apache.flume.source.SyslogTcpSource",
    summary =
        "Receives syslog messages (RFC 3164 and RFC 5424) over TCP or TLS, each ended by a line"
            + " feed or behind an octet count. What cannot be read is kept and marked.")
public record SyslogTcpOptions(
    @Option(doc = "Address or host name to listen on; all addresses when not set.")
        Optional<String> host,
    @Option(doc = "Port to listen on; 0 takes any.", required = true, min = 0, max = 65535)
        int port,
    @Option(
            doc =
                "Longest message; a longer one is cut and marked Incomplete, and its rest is left"
                    + " out.",
            def = "2500",
            min = SyslogFramer.MIN_MESSAGE_BYTES,
            max = SyslogFramer.MAX_MESSAGE_BYTES,
            bareUnit = BareUnit.BYTES)
        DataSize eventSize,
    @Option(doc = "Most events in a batch.", def = "100", min = 1, max = 100_000) int batchSize,
    @OptionGroup SyslogMessageOptions message,
    @OptionGroup SyslogFormatOptions format,
    @OptionGroup SyslogStreamOptions stream)
    implements SourceOptions {

  SyslogListening listening() {
    return new SyslogListening(
        host.orElse("0.0.0.0"),
        List.of(new SyslogListening.Port(port, StandardCharsets.UTF_8, Map.of())),
        (int) eventSize.bytes(),
        batchSize,
        SyslogListening.DEFAULT_IO_THREADS,
        SyslogListening.DEFAULT_READ_BUFFER_BYTES,
        SyslogDialect.SINGLE,
        message.zoneOr(ZoneId.systemDefault()),
        message,
        format,
        stream);
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> all = new HashMap<>(format.ineffective());
    all.putAll(stream.proxy().ineffective());
    return all;
  }

  @Override
  public Source build(SourceContext context) {
    return new SyslogTcpSource(listening(), context);
  }
}
