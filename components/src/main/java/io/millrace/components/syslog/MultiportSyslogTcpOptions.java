/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import java.nio.charset.Charset;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Options of the multiport_syslogtcp source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "multiport_syslogtcp",
    flumeClasses = "org.apache.flume.source.MultiportSyslogTCPSource",
    summary =
        "Receives syslog messages over TCP or TLS on several ports, each with an encoding of its"
            + " own.")
public record MultiportSyslogTcpOptions(
    @Option(doc = "Address or host name to listen on; all addresses when not set.")
        Optional<String> host,
    @Option(doc = "Ports to listen on, separated by white space.", required = true)
        List<String> ports,
    @Option(
            doc =
                "Longest message; a longer one is cut and marked Incomplete, and its rest is left"
                    + " out.",
            def = "2500",
            min = SyslogFramer.MIN_MESSAGE_BYTES,
            max = SyslogFramer.MAX_MESSAGE_BYTES,
            bareUnit = BareUnit.BYTES)
        DataSize eventSize,
    @Option(doc = "Header of each event that gets the port that it came in by.")
        Optional<String> portHeader,
    @Option(
            name = "charset.default",
            doc = "Encoding of the messages; bodies keep it, headers are turned into UTF-8.",
            def = "UTF-8")
        Charset charset,
    @Option(name = "charset.port.*", doc = "Encoding of the messages of one port.")
        Map<String, String> charsets,
    @Option(doc = "Most events in a batch.", def = "100", min = 1, max = 100_000) int batchSize,
    @Option(
            doc = "Most bytes that are read from a connection at a time.",
            aliases = "readBufferSize",
            def = "64KiB",
            min = 1024,
            max = 1 << 24,
            bareUnit = BareUnit.BYTES)
        DataSize readBufferBytes,
    @Option(
            doc =
                "Threads that serve the connections; one for each core and one more when not set.",
            min = 1,
            max = 256)
        Optional<Integer> numProcessors,
    @OptionGroup SyslogMessageOptions message,
    @OptionGroup SyslogStreamOptions stream)
    implements SourceOptions {

  public MultiportSyslogTcpOptions {
    ports = List.copyOf(ports);
    charsets = Map.copyOf(charsets);
    requireAscii("charset.default", charset);
    if (ports.isEmpty()) {
      throw new ConfigurationException("ports", "ports is empty (expected: one port at least)");
    }
    ports.forEach(MultiportSyslogTcpOptions::port);
    charsets.forEach((port, name) -> charset("charset.port." + port, name));
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ConfigurationException(
        "ports", "ports: '" + text + "' (expected: numbers from 0 to 65535)");
  }

  private static Charset charset(String option, String name) {
    try {
      return requireAscii(option, Charset.forName(name));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(option, option + ": '" + name + "' is not a known encoding");
    }
  }

  /** Line feeds and fields are looked for in bytes. */
  private static Charset requireAscii(String option, Charset charset) {
    byte[] encoded = "<1>".getBytes(charset);
    if (encoded.length != 3 || encoded[0] != '<' || encoded[1] != '1' || encoded[2] != '>') {
      throw new ConfigurationException(
          option,
          option
              + ": "
              + charset
              + " (expected: an encoding whose ASCII characters are those of ASCII)");
    }
    return charset;
  }

  SyslogListening listening() {
    List<SyslogListening.Port> all = new ArrayList<>();
    for (String text : ports) {
      int port = port(text);
      String own = charsets.get(Integer.toString(port));
      Map<String, String> headers = new HashMap<>();
      portHeader.ifPresent(name -> headers.put(name, Integer.toString(port)));
      all.add(
          new SyslogListening.Port(
              port, own == null ? charset : charset("charset.port." + port, own), headers));
    }
    return new SyslogListening(
        host.orElse("0.0.0.0"),
        all,
        (int) eventSize.bytes(),
        batchSize,
        numProcessors.orElse(Runtime.getRuntime().availableProcessors() + 1),
        (int) readBufferBytes.bytes(),
        SyslogDialect.MULTIPORT,
        message.zoneOr(ZoneOffset.UTC),
        message,
        SyslogFormatOptions.NONE,
        stream);
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> all = new HashMap<>(stream.proxy().ineffective());
    for (String port : charsets.keySet()) {
      if (!ports.contains(port)) {
        all.put("charset.port." + port, "port " + port + " is not among ports");
      }
    }
    return all;
  }

  @Override
  public Source build(SourceContext context) {
    return new SyslogTcpSource(listening(), context);
  }
}
