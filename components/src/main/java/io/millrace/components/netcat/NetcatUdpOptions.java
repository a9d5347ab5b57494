/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.components.listen.DatagramOptions;
import java.util.Optional;

/** Options of the netcatudp source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "netcatudp",
    flumeClasses = "org.apache.flume.source.NetcatUdpSource",
    summary = "Receives lines of text over UDP; each line of a datagram is an event.")
public record NetcatUdpOptions(
    @Option(doc = "Address or host name to listen on; all addresses when not set.")
        Optional<String> bind,
    @Option(doc = "Port to listen on; 0 takes any.", required = true, min = 0, max = 65535)
        int port,
    @Option(
            doc = "Header of each event that gets the address and port of its sender, as /ip:port.",
            aliases = "remoteAddressHeader")
        Optional<String> remoteAddress,
    @OptionGroup DatagramOptions datagrams)
    implements SourceOptions {
  @Override
  public Source build(SourceContext context) {
    return new NetcatUdpSource(this, context);
  }
}
