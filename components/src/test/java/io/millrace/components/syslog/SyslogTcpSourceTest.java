/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static io.millrace.components.syslog.SyslogTcpFixture.await;
import static io.millrace.components.syslog.SyslogTcpFixture.message;
import static io.millrace.components.syslog.SyslogTcpFixture.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.DataSize;
import io.millrace.api.RejectedException;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages on their way from connections to the channels. */
@Timeout(300)
class SyslogTcpSourceTest {
  @RegisterExtension final SyslogTcpFixture fixture = new SyslogTcpFixture();

  @Test
  void messagesOfBothFramingsArriveInTheirOrder() throws IOException {
    fixture.start();
    Socket socket = fixture.connect();
    send(socket, message(1) + "\n27 " + message(2) + message(3) + "\n" + message(4));
    socket.shutdownOutput();
    fixture.awaitBodies(4);
    assertThat(fixture.output().bodies()).containsExactly("m1", "m2", "m3", "m4");
    assertThat(fixture.output().events().get(0).headers()).containsEntry("host", "host");
    assertThat(fixture.output().events().get(3).headers())
        .containsEntry("flume.syslog.status", "Incomplete");
  }

  @Test
  void messagesOfManyConnectionsAreAllThere() throws IOException {
    fixture.start();
    for (int client = 0; client < 20; client++) {
      Socket socket = fixture.connect();
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        all.append(message(client * 500 + i)).append('\n');
      }
      send(socket, all.toString());
    }
    fixture.awaitBodies(10_000);
    assertThat(fixture.output().bodies())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 10_000).mapToObj(i -> "m" + i).toList());
    assertThat(fixture.output().largestBatchEvents()).isLessThanOrEqualTo(fixture.batchSize);
  }

  @Test
  void aBatchThatTheChannelRefusesIsTriedAgainAndNothingIsLost() throws IOException {
    fixture.output().hold();
    fixture.start();
    Socket socket = fixture.connect();
    send(socket, message(1) + "\n");
    await().until(() -> fixture.output().pending().size() == 1);
    fixture.output().pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    await().until(() -> fixture.output().pending().size() == 1);
    send(socket, message(2) + "\n");
    fixture.output().release();
    fixture.awaitBodies(2);
    assertThat(fixture.output().bodies()).containsExactly("m1", "m2");
  }

  @Test
  void whatNoChannelCanEverTakeIsCountedAndGoesOn() throws IOException {
    fixture.output().hold();
    fixture.start();
    Socket socket = fixture.connect();
    send(socket, message(1) + "\n");
    await().until(() -> fixture.output().pending().size() == 1);
    fixture.output().pending().get(0).fail(new RejectedException("too large"));
    fixture.output().release();
    send(socket, message(2) + "\n");
    fixture.awaitBodies(1);
    assertThat(fixture.output().bodies()).containsExactly("m2");
    assertThat(fixture.context().metrics().value("EventsRejected")).isEqualTo(1);
  }

  @Test
  void aFullChannelStopsTheReadingWithinItsBoundAndAllArrivesLater() throws Exception {
    fixture.maxBytesInFlight = 256 * 1024;
    fixture.output().hold();
    fixture.start();
    String body = "x".repeat(1000);
    int clients = 4;
    int messages = 20_000;
    List<Thread> senders = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      Socket socket = fixture.connect();
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < messages; i++) {
                    send(socket, "<13>Nov 23 05:09:19 host " + body + i + "\n");
                  }
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      sender.start();
      senders.add(sender);
    }
    await()
        .until(
            () -> fixture.context().metrics().value("BytesInFlight") >= fixture.maxBytesInFlight);
    // No more comes however long one waits; each connection had one buffer on its way at most.
    await()
        .during(Duration.ofMillis(300))
        .until(
            () ->
                fixture.context().metrics().value("BytesInFlight")
                    <= fixture.maxBytesInFlight
                        + clients * 2L * SyslogListening.DEFAULT_READ_BUFFER_BYTES);
    assertThat(senders).allMatch(Thread::isAlive);
    fixture.output().release();
    fixture.awaitBodies(clients * messages);
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(fixture.output().bodies()).hasSize(clients * messages);
    await().until(() -> fixture.context().metrics().value("BytesInFlight") == 0);
  }

  @Test
  void halfMessagesTakeABoundedAmountOfMemory() throws IOException {
    fixture.eventSize = 1 << 20;
    fixture.maxBytesInFlight = 4 << 20;
    fixture.start();
    String half = "<13>Nov 23 05:09:19 host " + "x".repeat(700_000);
    for (int i = 0; i < 12; i++) {
      send(fixture.connect(), half);
    }
    await().until(() -> fixture.context().metrics().value("ConnectionsClosedBudget") >= 6);
    await()
        .until(
            () ->
                fixture.context().metrics().value("BytesUnfinished")
                    <= fixture.maxBytesInFlight + (1 << 20));
    // Nobody's bytes are thrown away.
    await().until(() -> fixture.output().events().size() >= 6);
    assertThat(fixture.output().events().get(0).headers())
        .containsEntry("flume.syslog.status", "Incomplete");
  }

  @Test
  void linesThatBelongToAMessageAreJoinedToIt() throws IOException {
    fixture.multiline = MultilineOptions.of("^<\\d{1,3}>", true, MultilineOptions.Side.AFTER);
    fixture.start();
    Socket socket = fixture.connect();
    send(socket, message(1) + "\n\tat a\n\tat b\n" + message(2) + "\n\tat");
    socket.shutdownOutput();
    fixture.awaitBodies(2);
    assertThat(fixture.output().bodies()).containsExactly("m1\n\tat a\n\tat b", "m2\n\tat");
  }

  @Test
  void aJoinedMessageDoesNotWaitForTheNextOneForever() throws IOException {
    fixture.multiline =
        new MultilineOptions(
            Optional.of("^\\s"),
            false,
            MultilineOptions.Side.AFTER,
            500,
            DataSize.ofBytes(1 << 20),
            Duration.ofMillis(50));
    fixture.start();
    send(fixture.connect(), message(1) + "\n\tat a\n");
    fixture.awaitBodies(1);
    assertThat(fixture.output().bodies()).containsExactly("m1\n\tat a");
  }

  @Test
  void anOverlongMessageIsCutAndCounted() throws IOException {
    fixture.eventSize = 100;
    fixture.start();
    send(fixture.connect(), message(1) + "x".repeat(1000) + "\n" + message(2) + "\n");
    fixture.awaitBodies(2);
    assertThat(fixture.output().events().get(0).headers())
        .containsEntry("flume.syslog.status", "Incomplete");
    assertThat(fixture.output().bodies().get(1)).isEqualTo("m2");
    await().until(() -> fixture.context().metrics().value("BytesSkipped") > 900);
    await().until(() -> fixture.context().metrics().value("LinesTruncated") == 1);
  }
}
