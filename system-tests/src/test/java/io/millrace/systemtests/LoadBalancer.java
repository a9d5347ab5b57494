/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A real HAProxy with the configuration that is packaged, but for addresses and ports. Confined to
 * one thread at a time.
 */
public final class LoadBalancer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path conf;
  private final int port;
  private final int commandPort;
  private final int alivePort;
  private WatchedProcess process;

  private LoadBalancer(Path conf, int port, int commandPort, int alivePort) {
    this.conf = conf;
    this.port = port;
    this.commandPort = commandPort;
    this.alivePort = alivePort;
  }

  /** Says so, loudly, where there is none. */
  static void assumeIsThere(String tool) {
    Tool.assumeIsThere(tool, tool);
  }

  static Path shipped() {
    return Installation.packaged("packaging/haproxy/haproxy.cfg");
  }

  /** In front of the sources of these agents, which need not have started. */
  public static LoadBalancer start(
      Scene scene, List<Integer> sourcePorts, List<AgentProcess> collectors) {
    return start(scene, sourcePorts, collectors, false);
  }

  /**
   * @param hasAffinity whether a client comes back to the collector it had, as the comment in the
   *     configuration says
   */
  static LoadBalancer start(
      Scene scene, List<Integer> sourcePorts, List<AgentProcess> collectors, boolean hasAffinity) {
    assumeIsThere("haproxy");
    int port = Ports.free();
    int commandPort = Ports.free();
    int alivePort = Ports.free();
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < collectors.size(); i++) {
      servers.append(
          "server collector%d 127.0.0.1:%d check port %d%n    "
              .formatted(i + 1, sourcePorts.get(i), collectors.get(i).metricsPort()));
    }
    String text = read(shipped());
    text =
        replace(
            text,
            "stats socket /run/haproxy/admin.sock mode 660",
            "stats socket ipv4@127.0.0.1:" + commandPort);
    text = replace(text, "log /dev/log local0 info", "log stdout format raw local0 info");
    // Each takes two descriptors, of which a test may have few.
    text = replace(text, "maxconn 20000", "maxconn 1000");
    text = replace(text, "bind :4141", "bind 127.0.0.1:" + port);
    text = replace(text, "bind 127.0.0.1:8404", "bind 127.0.0.1:" + alivePort);
    text = replace(text, "server collector1 192.0.2.11:4141 check\n", servers + "\n");
    text = replace(text, "server collector2 192.0.2.12:4141 check\n", "\n");
    if (hasAffinity) {
      text = replace(text, "balance leastconn", "");
      text = replace(text, "#balance source", "balance source");
      text = replace(text, "#hash-type consistent", "hash-type consistent");
    }
    Path conf = scene.directory().resolve("haproxy.cfg");
    try {
      Files.writeString(conf, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Configuration " + conf, e);
    }
    Tool.need(scene.directory(), "haproxy", "-c", "-f", conf.toString());
    LoadBalancer balancer = new LoadBalancer(conf, port, commandPort, alivePort);
    balancer.start();
    return balancer;
  }

  /** Starts it, for the first time or after its end. */
  void start() {
    Path directory = conf.getParent();
    process =
        WatchedProcess.start(
            "haproxy",
            List.of("haproxy", "-db", "-f", conf.toString()),
            directory,
            Map.of(),
            directory.resolve("haproxy.log"));
    Conditions.await(
        "HAProxy listens", LIMIT, () -> !process.isAlive() || Ports.isOpen(commandPort));
    if (!process.isAlive()) {
      throw new IllegalStateException("HAProxy has ended: " + process.log());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  private static String replace(String text, String from, String to) {
    if (!text.contains(from)) {
      throw new IllegalStateException("'" + from + "' is not in " + shipped());
    }
    return text.replace(from, to);
  }

  public int port() {
    return port;
  }

  int alivePort() {
    return alivePort;
  }

  WatchedProcess process() {
    return process;
  }

  /** Connections that a collector, counted from 1, has now; -1 when it is down. */
  int sessions(int collector) {
    for (String line : stat()) {
      String[] fields = line.split(",", -1);
      // Name of the proxy, of the server, current and most in the queue, current sessions; status.
      if (fields[0].equals("collectors") && fields[1].equals("collector" + collector)) {
        return fields[17].startsWith("UP") ? Integer.parseInt(fields[4]) : -1;
      }
    }
    throw new IllegalStateException("No collector" + collector + " in " + conf);
  }

  boolean isUp(int collector) {
    return sessions(collector) >= 0;
  }

  public void awaitUp(int collectors) {
    Conditions.await(
        collectors + " collectors are up",
        LIMIT,
        () -> {
          for (int i = 1; i <= collectors; i++) {
            if (!isUp(i)) {
              return false;
            }
          }
          return true;
        });
  }

  private List<String> stat() {
    try (Socket socket = Ports.connect(commandPort)) {
      socket.getOutputStream().write("show stat\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      return new ArrayList<>(new String(answer, StandardCharsets.US_ASCII).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException("HAProxy at port " + commandPort, e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
