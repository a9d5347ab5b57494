/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

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

  /**
   * @param collectors where the balancer finds each of them, by name
   * @param socket a path short enough for a socket
   */
  static Balancer of(Host host, Path directory, Path socket, Map<String, Place> collectors) {
    StringBuilder servers = new StringBuilder();
    collectors.forEach(
        (name, place) -> servers.append("  server %s %s check\n".formatted(name, place)));
    String configuration =
        """
        global
          stats socket %s mode 600 level admin
        defaults
          mode tcp
          timeout connect 2s
          timeout client 1h
          timeout server 1h
          timeout check 1s
        listen collectors
          bind %s:%d
          balance leastconn
          option redispatch
          default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
        %s"""
            .formatted(socket, host.bindAddress(), Site.AVRO_PORT, servers);
    Path file = directory.resolve("haproxy.cfg");
    try {
      Files.writeString(file, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException("Configuration " + file, e);
    }
    List<String> command = List.of("haproxy", "-db", "-f", file.toString());
    return new Balancer(new KeptProcess("haproxy", host, directory, command), socket);
  }

  KeptProcess process() {
    return process;
  }

  /** Whether it is there and takes every collector for healthy. */
  boolean isUp() {
    return servers().values().stream().allMatch(row -> row.get("status").startsWith("UP"));
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
