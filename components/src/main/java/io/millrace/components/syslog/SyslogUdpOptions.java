/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.components.listen.DatagramOptions;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/** Options of the syslogudp source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "syslogudp",
    flumeClasses = "org.apache.flume.source.SyslogUDPSource",
    summary =
        "Receives syslog messages (RFC 3164 and RFC 5424) over UDP, one in each datagram. What"
            + " cannot be read is kept and marked.")
public record SyslogUdpOptions(
    @Option(doc = "Address or host name to listen on; all addresses when not set.")
        Optional<String> host,
    @Option(doc = "Port to listen on; 0 takes any.", required = true, min = 0, max = 65535)
        int port,
    @OptionGroup SyslogMessageOptions message,
    @OptionGroup SyslogFormatOptions format,
    @OptionGroup DatagramOptions datagrams)
    implements SourceOptions {

  ZoneId zone() {
    return message.zoneOr(ZoneId.systemDefault());
  }

  @Override
  public Map<String, String> ineffective() {
    return format.ineffective();
  }

  @Override
  public Source build(SourceContext context) {
    return new SyslogUdpSource(this, context);
  }
}
