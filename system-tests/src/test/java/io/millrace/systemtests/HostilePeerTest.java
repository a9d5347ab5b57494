/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Promise 9: memory stays bounded against any unauthenticated peer, and the others are served on.
 */
final class HostilePeerTest {
  private static final int HEAP_MIB = 192;
  private static final int CONNECTIONS_EACH = 6;
  private static final int EVENTS = 20_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  // A good edge sends all the while. What the others send claims lists and buffers of absurd
  // lengths, or is not Avro at all.
  @Test
  void avroPortServesItsGoodClientAmongHostileOnes() throws IOException {
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace(
            "collector",
            Confs.collector(port, scene.directory("state"), store),
            "-Xmx" + HEAP_MIB + "m");
    AgentProcess edge = scene.millrace("edge", sender(port));
    collector.startAndAwait();
    edge.startAndAwait();

    Random random = scene.random();
    long peak;
    try (Attackers attackers = new Attackers(port)) {
      for (byte[] attack : avroAttacks(random)) {
        attackers.send(attack, CONNECTIONS_EACH);
      }
      attackers.awaitSent();
      awaitStored(store, EVENTS);
      peak = collector.process().peakResidentBytes();
      assertNotOutOfMemory(collector);
      // Promise 7, with the hostile connections still open.
      edge.stop();
      collector.stop();
    }

    Set<String> sent = new TreeSet<>();
    for (int number = 0; number < EVENTS; number++) {
      sent.add(Integer.toString(number));
    }
    Audit.of(sent, Store.of(store)).assertExactlyOnce();
    assertResident(peak);
  }

  // Lines without an end, more of them than the heap holds, and bytes that are no text.
  @Test
  void netcatPortServesItsGoodClientAmongHostileOnes() throws IOException {
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", netcat(port, store), "-Xmx" + HEAP_MIB + "m");
    agent.startAndAwait();
    agent.awaitPort(port);

    byte[] endless = new byte[64 << 20];
    Arrays.fill(endless, (byte) 'x');
    byte[] garbage = new byte[1 << 20];
    scene.random().nextBytes(garbage);
    try (NetcatClient client = new NetcatClient(port, "good");
        Attackers attackers = new Attackers(port)) {
      for (int i = 0; i < CONNECTIONS_EACH; i++) {
        attackers.send(endless, 1);
        attackers.send(garbage, 1);
        assertThat(client.send(200)).as("good client is answered").isTrue();
      }
      attackers.awaitSent();
      assertThat(client.send(200)).as("good client is answered").isTrue();
      long peak = agent.process().peakResidentBytes();
      agent.stop();
      Store stored = Store.of(store);
      for (int number = 1; number <= client.acknowledged(); number++) {
        assertThat(stored.lines()).containsEntry(Ledger.line("good", number), 1);
      }
      assertResident(peak);
    }
    assertNotOutOfMemory(agent);
  }

  // Messages without an end, counts that claim all there is, clients that stop in the middle, and a
  // flood, all at a channel that is often full.
  @Test
  void syslogPortServesItsGoodClientAmongHostileOnes() throws IOException {
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", syslog(port, store), "-Xmx" + HEAP_MIB + "m");
    agent.startAndAwait();
    agent.awaitPort(port);

    byte[] endless = new byte[64 << 20];
    Arrays.fill(endless, (byte) 'x');
    byte[] garbage = new byte[1 << 20];
    scene.random().nextBytes(garbage);
    byte[] flood = "<13>Nov 23 05:09:19 host flood\n".repeat(100_000).getBytes(US_ASCII);
    byte[] half = ("60000000 <13>" + "y".repeat(1 << 20)).getBytes(US_ASCII);
    int good = 2000;
    try (Socket client = Ports.connect(port);
        Attackers attackers = new Attackers(port)) {
      attackers.send(endless, CONNECTIONS_EACH);
      attackers.send(garbage, CONNECTIONS_EACH);
      attackers.send(flood, CONNECTIONS_EACH);
      attackers.send(half, 20 * CONNECTIONS_EACH);
      for (int i = 0; i < good; i++) {
        client
            .getOutputStream()
            .write(("<13>Nov 23 05:09:19 host good-" + i + "\n").getBytes(US_ASCII));
      }
      Conditions.await(
          "the good client's messages are stored",
          LIMIT,
          Duration.ofMillis(200),
          () -> Store.of(store, line -> line.startsWith("good-")).distinctLineCount() >= good);
      long peak = agent.process().peakResidentBytes();
      agent.stop();
      assertThat(Store.of(store, line -> line.startsWith("good-")).lineCount()).isEqualTo(good);
      assertResident(peak);
    }
    assertNotOutOfMemory(agent);
  }

  @Test
  void netcatRefusesALineThatIsTooLong() throws IOException {
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", netcat(port, store));
    agent.startAndAwait();
    agent.awaitPort(port);

    try (Socket socket = Ports.connect(port)) {
      String line = "y".repeat(600) + "\n";
      socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("FAILED: Event exceeds the maximum length (512 chars");
    }
    try (NetcatClient client = new NetcatClient(port, "good")) {
      assertThat(client.send(5)).isTrue();
    }
    agent.stop();
    assertThat(Store.of(store).lineCount()).isEqualTo(5);
  }

  private static void assertNotOutOfMemory(AgentProcess agent) {
    assertThat(agent.log().contains("OutOfMemoryError"))
        .as("%s logs an OutOfMemoryError", agent.name())
        .isFalse();
  }

  private static void assertResident(long peakBytes) {
    Scene.say(
        "peak of resident memory: %d MiB with a heap of %d MiB"
            .formatted(peakBytes >> 20, HEAP_MIB));
    // The JVM itself, its code and its threads take about 150 MiB beside heap and buffers.
    assertThat(peakBytes).isLessThan((2L * HEAP_MIB + 150) << 20);
  }

  /** A frame is: serial, count of buffers, and each buffer with its length before it. */
  private static List<byte[]> avroAttacks(Random random) {
    byte[] garbage = new byte[1 << 20];
    random.nextBytes(garbage);
    byte[] payload = new byte[200];
    random.nextBytes(payload);
    return List.of(
        ints(1, Integer.MAX_VALUE),
        ints(1, -1),
        ints(1, 1, Integer.MAX_VALUE),
        ints(1, 1, Integer.MIN_VALUE),
        // A list of empty buffers without an end.
        ints(repeated(1 << 20, 1, Integer.MAX_VALUE, 0)),
        // Believable, and never finished: together more than the heap.
        ints(repeated(10 << 20, 1, 1, 60 << 20)),
        ByteBuffer.allocate(12 + payload.length)
            .put(ints(1, 1, payload.length))
            .put(payload)
            .array(),
        // An array of 2^40 events in a valid handshake's place.
        ByteBuffer.allocate(18)
            .put(ints(1, 1, 6))
            .put(new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x40})
            .array(),
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
        new byte[] {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, (byte) 0xfc, 0x03, 0x03},
        garbage);
  }

  private static int[] repeated(int count, int serial, int list, int value) {
    int[] numbers = new int[count];
    Arrays.fill(numbers, value);
    numbers[0] = serial;
    numbers[1] = list;
    return numbers;
  }

  private static byte[] ints(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
    bytes.asIntBuffer().put(numbers);
    return bytes.array();
  }

  private static void awaitStored(Path store, int count) {
    Conditions.await(
        count + " events are stored",
        LIMIT,
        Duration.ofMillis(200),
        () -> Store.of(store).distinctLineCount() >= count);
  }

  private static String sender(int port) {
    return """
        a1.sources = numbers
        a1.channels = memory
        a1.sinks = uplink
        a1.sources.numbers.type = seq
        a1.sources.numbers.totalEvents = %d
        a1.sources.numbers.batchSize = 10
        a1.sources.numbers.channels = memory
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.batch-size = 10
        a1.sinks.uplink.channel = memory
        """
        .formatted(EVENTS, port);
  }

  private static String syslog(int port, Path store) {
    return """
        a1.sources = messages
        a1.channels = memory
        a1.sinks = store
        a1.sources.messages.type = syslogtcp
        a1.sources.messages.host = 127.0.0.1
        a1.sources.messages.port = %d
        a1.sources.messages.eventSize = 1000000
        a1.sources.messages.max-bytes-in-flight = 16MiB
        a1.sources.messages.channels = memory
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        %s
        a1.sinks.store.channel = memory
        """
        .formatted(port, Confs.fileRoll("store", store));
  }

  private static String netcat(int port, Path store) {
    return """
        a1.sources = lines
        a1.channels = memory
        a1.sinks = store
        a1.sources.lines.type = netcat
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.max-line-length = 512
        a1.sources.lines.channels = memory
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        %s
        a1.sinks.store.channel = memory
        """
        .formatted(port, Confs.fileRoll("store", store));
  }
}
