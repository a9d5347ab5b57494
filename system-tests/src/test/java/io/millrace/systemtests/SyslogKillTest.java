/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What SIGKILL costs over TCP, where nothing is acknowledged: of each connection the end of what it
 * had sent, no more than the buffers between its sender and the channel hold, and nothing that was
 * counted as accepted. See docs/syslog.md.
 */
@Tag("long")
final class SyslogKillTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CONNECTIONS = 3;
  private static final int MESSAGE_BYTES = 1_000;

  /** What is asked of the kernel for each end of a connection. */
  private static final int SOCKET_BUFFER_BYTES = 64 * 1024;

  /** It takes twice as much, and looks whether that is full before it takes one packet more. */
  private static final int KERNEL_BYTES_A_CONNECTION = 2 * (2 * SOCKET_BUFFER_BYTES + 64 * 1024);

  /** What was read of a connection when there was no room any more. */
  private static final int READ_BUFFER_BYTES = 64 * 1024;

  private static final int MAX_BYTES_IN_FLIGHT = 256 * 1024;

  private static final int MOST_LOST_BYTES =
      CONNECTIONS * (KERNEL_BYTES_A_CONNECTION + READ_BUFFER_BYTES) + MAX_BYTES_IN_FLIGHT;

  private static final int CAPACITY = 5_000;
  private static final int BATCH = 100;

  /** A sender that has not got one message off for so long is blocked. */
  private static final Duration STILL = Duration.ofSeconds(1);

  @RegisterExtension final Scene scene = new Scene();

  // Goal: the worst case, without any luck in the moment. The channel is full and nobody takes from
  // it, so that every buffer in front of it is full as well when the agent is killed.
  @Test
  void withEveryBufferFullTheChannelsContentIsKeptAndTheTailOfEachConnectionIsLost()
      throws Exception {
    Path store = scene.directory("store");
    int port = Ports.free();
    AgentProcess agent =
        scene.millrace(
            "agent",
            source(port)
                + """
                a1.channels.disk.capacity = %d
                # No batch is refused in this test, so that none overtakes another.
                a1.channels.disk.keep-alive = 600
                """
                    .formatted(CAPACITY));
    agent.startAndAwait();
    List<NumberingSender> senders = startSenders(port);
    awaitBlocked(agent, senders);
    long accepted = agent.metric("SOURCE.r1", "EventAcceptedCount");
    agent.kill();
    int sent = awaitEnded(senders);

    assertThat(accepted).isGreaterThan(0).isLessThanOrEqualTo(CAPACITY);
    int stored = storedAfterwards(store, senders);
    assertThat(stored).as("exactly what was counted").isEqualTo((int) accepted);
    assertThat(sent - stored).as("there was something to lose").isPositive();
  }

  // In full flow, at any moment.
  @Test
  void inFullFlowNoMoreIsLostThanTheBuffersHold() throws Exception {
    Random random = scene.random();
    Path store = scene.directory("store");
    int port = Ports.free();
    AgentProcess agent = scene.millrace("agent", source(port) + sink(store)).startAndAwait();
    List<NumberingSender> senders = startSenders(port);
    long killAt = 1_000 + random.nextInt(20_000);
    long[] accepted = new long[1];
    Conditions.await(
        killAt + " are accepted",
        LIMIT,
        Duration.ofMillis(20),
        () -> (accepted[0] = agent.metric("SOURCE.r1", "EventAcceptedCount")) >= killAt);
    agent.kill();
    awaitEnded(senders);

    assertThat(storedAfterwards(store, senders))
        .as("what was counted before the kill")
        .isGreaterThanOrEqualTo((int) accepted[0]);
  }

  private static List<NumberingSender> startSenders(int port) throws IOException {
    List<NumberingSender> senders = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      senders.add(new NumberingSender(i, port));
    }
    return senders;
  }

  private static void awaitBlocked(AgentProcess agent, List<NumberingSender> senders) {
    long[] last = {-1, -1};
    long[] sinceNanos = {System.nanoTime()};
    Conditions.await(
        "the senders are blocked",
        LIMIT,
        Duration.ofMillis(50),
        () -> {
          long sent = sentBy(senders);
          long accepted = agent.metric("SOURCE.r1", "EventAcceptedCount");
          if (sent != last[0] || accepted != last[1]) {
            last[0] = sent;
            last[1] = accepted;
            sinceNanos[0] = System.nanoTime();
          }
          return System.nanoTime() - sinceNanos[0] > STILL.toNanos() && accepted > CAPACITY - BATCH;
        });
  }

  private static int awaitEnded(List<NumberingSender> senders) {
    Conditions.await(
        "every sender finds its connection broken",
        LIMIT,
        () -> senders.stream().noneMatch(NumberingSender::isAlive));
    return sentBy(senders);
  }

  private static int sentBy(List<NumberingSender> senders) {
    return senders.stream().mapToInt(NumberingSender::sent).sum();
  }

  /** Lets an agent on the same channel store what is in it, and looks at that. */
  private int storedAfterwards(Path store, List<NumberingSender> senders) {
    AgentProcess again =
        scene.millrace("again", source(Ports.free()) + sink(store)).startAndAwait();
    Conditions.await(
        "the channel is empty", LIMIT, () -> again.metric("CHANNEL.disk", "ChannelSize") == 0);
    again.stop();
    Set<String> stored = Store.of(store).lines().keySet();
    int all = 0;
    int lost = 0;
    for (NumberingSender sender : senders) {
      List<Integer> numbers =
          stored.stream()
              .filter(line -> line.startsWith(sender.prefix()))
              .map(sender::number)
              .sorted()
              .toList();
      assertThat(numbers)
          .as("the beginning of what connection %s sent, without a gap", sender.prefix())
          .isEqualTo(IntStream.range(0, numbers.size()).boxed().toList());
      // The one it was at may have got off as a whole.
      assertThat(numbers.size()).isLessThanOrEqualTo(sender.sent() + 1);
      all += numbers.size();
      lost += Math.max(0, sender.sent() - numbers.size());
    }
    Scene.say(
        "sent %d, lost %d (at most %d)"
            .formatted(sentBy(senders), lost, MOST_LOST_BYTES / MESSAGE_BYTES));
    assertThat(stored).as("nothing is invented or cut").hasSize(all);
    assertThat(lost * MESSAGE_BYTES).as("bytes lost").isLessThanOrEqualTo(MOST_LOST_BYTES);
    return all;
  }

  private String source(int port) {
    return """
        a1.sources = r1
        a1.channels = disk
        a1.sources.r1.type = syslogtcp
        a1.sources.r1.host = 127.0.0.1
        a1.sources.r1.port = %d
        a1.sources.r1.batchSize = %d
        a1.sources.r1.receive-buffer = %d
        a1.sources.r1.max-bytes-in-flight = %d
        a1.sources.r1.channels = disk
        %s
        a1.channels.disk.transactionCapacity = 1000
        """
        .formatted(
            port,
            BATCH,
            SOCKET_BUFFER_BYTES,
            MAX_BYTES_IN_FLIGHT,
            Confs.fileChannel("disk", scene.directory("state")));
  }

  private static String sink(Path store) {
    return """
        a1.sinks = store
        %s
        a1.sinks.store.channel = disk
        """
        .formatted(Confs.fileRoll("store", store));
  }

  /**
   * Numbers its messages and sends them as fast as they are taken, until its connection breaks.
   * Safe for many threads.
   */
  private static final class NumberingSender {
    private static final String FILL = "x".repeat(MESSAGE_BYTES);

    private final String prefix;
    private final Socket socket = new Socket();
    private final Thread thread;
    private volatile int sent;

    NumberingSender(int connection, int port) throws IOException {
      prefix = "c" + connection + " ";
      // Before it is connected: the kernel leaves the buffer alone from then on.
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      thread = new Thread(this::run, "sender-" + connection);
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      try (socket) {
        while (true) {
          String text = "<13>Nov 23 05:09:19 host " + prefix + sent + " " + FILL;
          byte[] message =
              (text.substring(0, MESSAGE_BYTES - 1) + "\n").getBytes(StandardCharsets.US_ASCII);
          socket.getOutputStream().write(message);
          // The only writer.
          sent = sent + 1;
        }
      } catch (IOException e) {
        // The agent is dead.
      }
    }

    String prefix() {
      return prefix;
    }

    int number(String line) {
      return Integer.parseInt(line.substring(prefix.length(), line.indexOf(' ', prefix.length())));
    }

    /** Messages that the kernel took as a whole. */
    int sent() {
      return sent;
    }

    boolean isAlive() {
      return thread.isAlive();
    }
  }
}
