/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.kit.text.MultilineOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import java.time.Duration;
import java.util.Optional;

/** What the syslog sources over TCP bear from their clients. Immutable. */
public record SyslogStreamOptions(
    @Option(
            doc =
                "How messages are told apart: auto (each says by its beginning), newline, or"
                    + " octet-counting (also of messages that do not begin with <).",
            def = "auto")
        Framing framing,
    @Option(
            name = "max-connections",
            doc =
                "Most connections. One more takes the place of the one that was silent longest, if"
                    + " that is over a minute, else it is refused.",
            def = "4096",
            min = 1)
        int maxConnections,
    @Option(
            name = "max-bytes-in-flight",
            doc =
                "Bytes of messages that wait for the channels, of all connections; nothing is read"
                    + " beyond that. Messages that are half there may take as much again.",
            def = "32MiB",
            min = 1,
            bareUnit = BareUnit.BYTES)
        DataSize maxBytesInFlight,
    @Option(
            name = "idle-timeout",
            doc = "Ends connections on which nothing came for this long; 0 never does.",
            def = "0",
            min = 0,
            bareUnit = BareUnit.SECONDS)
        Duration idleTimeout,
    @Option(
            name = "receive-buffer",
            doc =
                "Buffer of the kernel for each connection (SO_RCVBUF), whose content is lost with a"
                    + " crash; the kernel's own rule when not set.",
            min = 1024,
            max = 1 << 30,
            bareUnit = BareUnit.BYTES)
        Optional<DataSize> receiveBuffer,
    @OptionGroup MultilineOptions multiline,
    @OptionGroup ServerTlsOptions tls,
    @OptionGroup ProxyProtocolOptions proxy) {

  static final SyslogStreamOptions PLAIN =
      new SyslogStreamOptions(
          Framing.AUTO,
          4096,
          DataSize.ofBytes(32 << 20),
          Duration.ZERO,
          Optional.empty(),
          MultilineOptions.NONE,
          ServerTlsOptions.none(),
          ProxyProtocolOptions.OFF);
}
