/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.Option;
import io.millrace.rpc.session.Peer;
import java.net.InetSocketAddress;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What the syslog sources make of a message. Immutable. */
public record SyslogMessageOptions(
    @Option(
            doc =
                "What stays in the body besides the message: all, none, or some of priority version"
                    + " timestamp hostname.",
            def = "none")
        List<String> keepFields,
    @Option(doc = "Header of each event that gets the address of its sender.")
        Optional<String> clientIPHeader,
    @Option(
            doc =
                "Header of each event that gets the host name of its sender, which the name service"
                    + " is asked for; its address where there is none.")
        Optional<String> clientHostnameHeader,
    @Option(
            name = "time-zone",
            doc =
                "Zone of times that come without one (RFC 3164), such as Europe/Berlin; that of the"
                    + " JVM when not set, with multiport_syslogtcp UTC.")
        Optional<String> timeZone) {

  static final SyslogMessageOptions PLAIN =
      new SyslogMessageOptions(
          List.of("none"), Optional.empty(), Optional.empty(), Optional.empty());

  public SyslogMessageOptions {
    keepFields = List.copyOf(keepFields);
    KeptFields.parse(keepFields);
    timeZone.ifPresent(SyslogMessageOptions::zone);
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new ConfigurationException(
          "time-zone",
          "time-zone: '" + text + "' (expected: a zone such as UTC, +02:00 or Europe/Berlin)");
    }
  }

  KeptFields kept() {
    return KeptFields.parse(keepFields);
  }

  ZoneId zoneOr(ZoneId other) {
    return timeZone.map(SyslogMessageOptions::zone).orElse(other);
  }

  /** Headers of every event of a client. */
  EncodedHeaders headersOf(
      InetSocketAddress client,
      Function<InetSocketAddress, String> names,
      Map<String, String> others) {
    if (clientIPHeader.isEmpty() && clientHostnameHeader.isEmpty() && others.isEmpty()) {
      return EncodedHeaders.NONE;
    }
    Map<String, String> headers = new LinkedHashMap<>(others);
    clientIPHeader.ifPresent(name -> headers.put(name, Peer.hostOf(client)));
    clientHostnameHeader.ifPresent(name -> headers.put(name, names.apply(client)));
    return EncodedHeaders.of(headers);
  }
}
