/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A HAProxy in front of the collectors, and what it says of them. Safe for many threads. */
final class Balancer {
  private final KeptProcess process;
  private final Path socket;

  private Balancer(KeptProcess process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /** Where the balancer finds a collector: for events, and for its health. */
  record Server(Place events, Place health) {}

  /**
   * With the configuration that is shipped, but for addresses and ports.
   *
   * @param collectors by name
   * @param socket a path short enough for a socket
   */
  static Balancer of(Host host, Path directory, Path socket, Map<String, Server> collectors) {
    String text = read(Installation.home().resolve("packaging/haproxy/haproxy.cfg"));
    text = with(text, "/run/haproxy/admin.sock", socket.toString());
    // Files are not open without limit everywhere.
    text = with(text, "maxconn 20000", "maxconn 1000");
    text = with(text, "log /dev/log local0 info", "log stdout format raw local0 info");
    text = with(text, "bind :4141", "bind " + host.bindAddress() + ":" + Site.AVRO_PORT);
    String alive = host.prefix().isEmpty() ? host.address() : "127.0.0.1";
    text = with(text, "bind 127.0.0.1:8404", "bind " + alive + ":8404");
    StringBuilder servers = new StringBuilder();
    collectors.forEach(
        (name, server) ->
            servers.append(
                "    server %s %s check addr %s port %d\n"
                    .formatted(
                        name, server.events(), server.health().address(), server.health().port())));
    text = with(text, "    server collector1 192.0.2.11:4141 check\n", servers.toString());
    text = with(text, "    server collector2 192.0.2.12:4141 check\n", "");
    Path file = directory.resolve("haproxy.cfg");
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Configuration " + file, e);
    }
    List<String> command = List.of("haproxy", "-db", "-f", file.toString());
    return new Balancer(new KeptProcess("haproxy", host, directory, command, false), socket);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Configuration " + file, e);
    }
  }

  private static String with(String text, String from, String to) {
    if (!text.contains(from)) {
      throw new IllegalStateException("'" + from + "' is not in the shipped haproxy.cfg");
    }
    return text.replace(from, to);
  }

  KeptProcess process() {
    return process;
  }

  /** Whether it is there and takes every collector for healthy. */
  boolean isUp() {
    Map<String, Map<String, String>> servers = servers();
    return !servers.isEmpty()
        && servers.values().stream().allMatch(row -> row.get("status").startsWith("UP"));
  }

  /** How many connections each collector has through it; empty when it does not answer. */
  Map<String, Integer> connections() {
    Map<String, Integer> connections = new LinkedHashMap<>();
    servers().forEach((name, row) -> connections.put(name, Integer.parseInt(row.get("scur"))));
    return connections;
  }

  private Map<String, Map<String, String>> servers() {
    Map<String, Map<String, String>> servers = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>(ask("show stat").lines().toList());
    if (lines.isEmpty()) {
      return servers;
    }
    String[] names = lines.remove(0).substring(2).split(",", -1);
    for (String line : lines) {
      List<String> fields = Arrays.asList(line.split(",", -1));
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < Math.min(names.length, fields.size()); i++) {
        row.put(names[i], fields.get(i));
      }
      String server = row.getOrDefault("svname", "");
      if (!server.isEmpty() && !server.equals("FRONTEND") && !server.equals("BACKEND")) {
        servers.put(server, row);
      }
    }
    return servers;
  }

  private String ask(String question) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.US_ASCII)));
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      return new String(answer, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return "";
    }
  }
}
