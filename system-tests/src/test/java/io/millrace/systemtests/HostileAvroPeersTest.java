/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Promise 9, kind by kind: each hostile peer is counted under its kind, a good client is answered
 * while it is there, memory keeps to its budget, and the log to its rate.
 */
final class HostileAvroPeersTest {
  private static final int HEAP_MIB = 192;

  /** The JVM itself, its code and its threads, and zlib's streams, beside heap and buffers. */
  private static final int OTHER_MIB = 150;

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ANSWER_MILLIS = 20_000;

  /** By which a listener may say that it closed a connection, in each minute. */
  private static final int LOG_LINES_PER_MINUTE = 10;

  @RegisterExtension final Scene scene = new Scene();

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @Test
  void eachKindIsBoundedAndCountedAndTheGoodClientIsServed() throws IOException {
    int[] ports = {Ports.free(), Ports.free(), Ports.free()};
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("collector", conf(ports, store), "-Xmx" + HEAP_MIB + "m");
    collector.startAndAwait();
    long startNanos = System.nanoTime();

    Set<String> sent = new TreeSet<>();
    List<String> failures = new ArrayList<>();
    for (HostileAvroPeer peer : HostileAvroPeer.all(scene.random())) {
      String component = "SOURCE." + peer.listener().component();
      long before = counted(collector, component, peer);
      List<Socket> sockets = new ArrayList<>();
      try {
        attack(peer, ports[peer.listener().ordinal()], sockets);
        for (int i = 0; i < 3; i++) {
          String line = "good " + sent.size();
          try (AvroClient good = new AvroClient(ports[0], ANSWER_MILLIS)) {
            if (good.send(List.of(line)) == AvroClient.Outcome.ACKNOWLEDGED) {
              sent.add(line);
            } else {
              failures.add(peer.name() + ": the good client is not served");
            }
          }
        }
        try {
          Conditions.await(
              peer.name() + " is counted",
              LIMIT,
              Duration.ofMillis(200),
              () -> counted(collector, component, peer) - before >= peer.countedAtLeast());
        } catch (org.awaitility.core.ConditionTimeoutException e) {
          failures.add(
              peer.name()
                  + ": counted "
                  + (counted(collector, component, peer) - before)
                  + " times by "
                  + peer.metrics()
                  + " (expected: at least "
                  + peer.countedAtLeast()
                  + ")");
        }
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
      Conditions.await(
          "nothing is left of " + peer.name(),
          LIMIT,
          Duration.ofMillis(100),
          () ->
              collector.metric(component, "OpenConnectionCount") == 0
                  && collector.metric(component, "RequestBytesInFlight") == 0);
    }
    threads.shutdownNow();

    long peak = collector.process().peakResidentBytes();
    collector.stop();
    Scene.say("peak of resident memory: %d MiB of heap %d".formatted(peak >> 20, HEAP_MIB));
    assertThat(failures).isEmpty();
    assertThat(collector.log()).doesNotContain("OutOfMemoryError");
    assertThat(peak).isLessThan((2L * HEAP_MIB + OTHER_MIB) << 20);
    Audit.of(sent, Store.of(store)).assertExactlyOnce();
    long minutes = Duration.ofNanos(System.nanoTime() - startNanos).toMinutes() + 1;
    assertThat(collector.log().lines().filter(line -> line.contains(": peer /")).count())
        .as("log lines about peers")
        .isLessThanOrEqualTo(ports.length * (minutes + 1) * LOG_LINES_PER_MINUTE);
  }

  private void attack(HostileAvroPeer peer, int port, List<Socket> sockets) {
    for (int i = 0; i < peer.connections(); i++) {
      try {
        Socket socket = new Socket();
        // Another address than the good client's, for which the limits of one peer do not count.
        socket.bind(new InetSocketAddress("127.0.0.2", 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port), ANSWER_MILLIS);
        sockets.add(socket);
        if (peer.behaviour() != HostileAvroPeer.SILENT) {
          threads.execute(
              () -> {
                try {
                  peer.behaviour().act(socket);
                } catch (IOException e) {
                  // It was thrown out while it sent, as it should be.
                }
              });
        }
      } catch (IOException e) {
        // Not even let in.
      }
    }
  }

  private static long counted(AgentProcess agent, String component, HostileAvroPeer peer) {
    return peer.metrics().stream().mapToLong(metric -> agent.metric(component, metric)).sum();
  }

  private String conf(int[] ports, Path store) {
    StringBuilder conf = new StringBuilder("a1.sources = plain tls deflate\n");
    Path key = Link.newKeyStore(scene.directory());
    for (HostileAvroPeer.Listener listener : HostileAvroPeer.Listener.values()) {
      String source = "a1.sources." + listener.component();
      conf.append(
          """
          %1$s.type = avro
          %1$s.bind = 127.0.0.1
          %1$s.port = %2$d
          %1$s.channels = memory
          %1$s.max-connections-per-peer = 2500
          %1$s.max-request-size = 1MiB
          %1$s.max-in-flight = 20MiB
          %1$s.handshake-timeout = 6
          %1$s.slow-request-timeout = 3
          %1$s.max-request-time = 8
          """
              .formatted(source, ports[listener.ordinal()]));
      conf.append(listener.link().sourceOptions(source, key));
    }
    return conf
        + """
        a1.channels = memory
        a1.sinks = store
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        %s
        a1.sinks.store.channel = memory
        """
            .formatted(Confs.fileRoll("store", store));
  }
}
