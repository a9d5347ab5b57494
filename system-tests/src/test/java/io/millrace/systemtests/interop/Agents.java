/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Configurations of agents {@code a1} that speak in several ways at once. */
final class Agents {
  private Agents() {}

  /**
   * Two ports for each way to speak.
   *
   * @param second with TLS, one that does not offer its version 1.3
   */
  record Ends(int first, int second) {}

  /**
   * For each way: two sources of it -> memory -> file_roll in a directory of its own below {@code
   * stores}.
   */
  static String receiver(Map<Wire, Ends> ends, Path stores, Path keyStore) {
    Map<String, String> lines = new TreeMap<>();
    ends.forEach(
        (wire, ports) -> {
          putSource(lines, wire.id() + "-1", wire, ports.first(), keyStore);
          putSource(lines, wire.id() + "-2", wire, ports.second(), keyStore);
          if (wire.isSecret()) {
            lines.put("a1.sources." + wire.id() + "-2.exclude-protocols", "SSLv3 TLSv1.3");
          }
          putMemory(lines, wire);
          putFileRoll(lines, wire, stores.resolve(wire.id()));
        });
    Collection<String> ids = ends.keySet().stream().map(Wire::id).toList();
    put(lines, "sources", ids.stream().map(id -> id + "-1 " + id + "-2").toList());
    put(lines, "channels", ids);
    put(lines, "sinks", ids);
    return text(lines);
  }

  private static void putSource(
      Map<String, String> lines, String name, Wire wire, int port, Path keyStore) {
    String source = "a1.sources." + name + ".";
    wire.sourceOptions(keyStore).forEach((option, value) -> lines.put(source + option, value));
    lines.put(source + "bind", "127.0.0.1");
    lines.put(source + "port", Integer.toString(port));
    lines.put(source + "channels", wire.id());
  }

  private static void putMemory(Map<String, String> lines, Wire wire) {
    String channel = "a1.channels." + wire.id() + ".";
    lines.put(channel + "type", "memory");
    lines.put(channel + "capacity", "10000");
    lines.put(channel + "transactionCapacity", "1000");
  }

  private static void putFileRoll(Map<String, String> lines, Wire wire, Path directory) {
    create(directory);
    String sink = "a1.sinks." + wire.id() + ".";
    lines.put(sink + "type", "file_roll");
    lines.put(sink + "sink.directory", directory.toString());
    lines.put(sink + "sink.rollInterval", "0");
    lines.put(sink + "sink.serializer", "avro_event");
    lines.put(sink + "channel", wire.id());
  }

  /** avro -> for each way a file channel of its own -> a sink of it. */
  static String sender(int port, Map<Wire, Ends> ends, Path state, Path trustStore) {
    Map<String, String> lines = new TreeMap<>();
    Collection<String> ids = ends.keySet().stream().map(Wire::id).toList();
    lines.put("a1.sources", "feed");
    lines.put("a1.sources.feed.type", "avro");
    lines.put("a1.sources.feed.bind", "127.0.0.1");
    lines.put("a1.sources.feed.port", Integer.toString(port));
    lines.put("a1.sources.feed.channels", String.join(" ", ids));
    put(lines, "channels", ids);
    put(lines, "sinks", ids);
    ends.forEach(
        (wire, ports) -> {
          String channel = "a1.channels." + wire.id() + ".";
          Path directory = state.resolve(wire.id());
          lines.put(channel + "type", "file");
          lines.put(channel + "checkpointDir", directory.resolve("checkpoint").toString());
          lines.put(channel + "dataDirs", directory.resolve("data").toString());
          lines.put(channel + "capacity", "10000");
          lines.put(channel + "transactionCapacity", "1000");
          String sink = "a1.sinks." + wire.id() + ".";
          wire.sinkOptions(trustStore).forEach((option, value) -> lines.put(sink + option, value));
          lines.put(sink + "hostname", "127.0.0.1");
          lines.put(sink + "port", Integer.toString(ports.first()));
          lines.put(sink + "batch-size", "50");
          lines.put(sink + "channel", wire.id());
        });
    return text(lines);
  }

  private static void put(Map<String, String> lines, String kind, Collection<String> names) {
    lines.put("a1." + kind, String.join(" ", names));
  }

  private static String text(Map<String, String> lines) {
    return lines.entrySet().stream()
        .map(line -> line.getKey() + " = " + line.getValue() + "\n")
        .collect(Collectors.joining());
  }

  private static void create(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + directory, e);
    }
  }
}
