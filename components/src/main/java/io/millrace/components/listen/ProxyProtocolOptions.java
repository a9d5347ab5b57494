/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import io.millrace.api.BareUnit;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.rpc.proxy.AddressRanges;
import io.millrace.rpc.proxy.ProxyProtocol;
import io.millrace.rpc.proxy.ProxySettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a source that listens knows its clients, also behind a load balancer. Immutable. */
public record ProxyProtocolOptions(
    @Option(
            name = "proxy-protocol",
            doc =
                "Whether connections begin with a PROXY header (version 1 or 2) that names the"
                    + " client: required, off, or optional from the addresses in"
                    + " proxy-protocol-from.",
            def = "off")
        ProxyProtocol proxyProtocol,
    @Option(
            name = "proxy-protocol-from",
            doc =
                "Addresses and networks (10.1.0.0/16) of the load balancers, separated by commas."
                    + " With required nobody else may connect; with none, everybody's header is"
                    + " believed.",
            def = "",
            separator = ",")
        List<String> proxyProtocolFrom,
    @Option(
            name = "proxy-protocol-timeout",
            doc = "Longest time until the header is complete.",
            def = "10",
            bareUnit = BareUnit.SECONDS,
            min = 1)
        Duration proxyProtocolTimeout,
    @Option(
            name = "client-address-header",
            doc =
                "Header of each event that gets the address of its client, in the place of one of"
                    + " that name; none when not set.")
        Optional<String> clientAddressHeader) {
  private static final String FROM = "proxy-protocol-from";

  /** Without load balancers, and no header is set. */
  public static final ProxyProtocolOptions OFF =
      new ProxyProtocolOptions(
          ProxyProtocol.OFF, List.of(), ProxySettings.DEFAULT_TIMEOUT, Optional.empty());

  public ProxyProtocolOptions {
    proxyProtocolFrom = List.copyOf(proxyProtocolFrom);
    AddressRanges from = ranges(proxyProtocolFrom);
    if (proxyProtocol == ProxyProtocol.OPTIONAL && from.isEmpty()) {
      throw new ConfigurationException(
          FROM,
          FROM
              + " is empty (expected: with proxy-protocol = optional, the addresses of the load"
              + " balancers, for anybody else could name any client)");
    }
    if (clientAddressHeader.isPresent() && clientAddressHeader.get().isBlank()) {
      throw new ConfigurationException(
          "client-address-header",
          "client-address-header is empty (expected: the name of a header, or no such line)");
    }
  }

  private static AddressRanges ranges(List<String> texts) {
    try {
      return AddressRanges.parse(texts);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(FROM, FROM + ": " + e.getMessage());
    }
  }

  public ProxySettings settings() {
    return new ProxySettings(proxyProtocol, ranges(proxyProtocolFrom), proxyProtocolTimeout);
  }

  /** For {@code ineffective()} of a source's options. */
  public Map<String, String> ineffective() {
    return proxyProtocol == ProxyProtocol.OFF && !proxyProtocolFrom.isEmpty()
        ? Map.of(FROM, "proxy-protocol is off, so that no header is looked for")
        : Map.of();
  }
}
