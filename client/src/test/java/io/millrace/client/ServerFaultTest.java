/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static io.millrace.client.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataSize;
import io.millrace.api.EventBatch;
import io.millrace.api.TransientException;
import io.millrace.rpc.session.Answer;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One client and one server that is absent, dies, hangs, is slow or says no. */
class ServerFaultTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private static ClientBuilder quick(ServerAddress... addresses) {
    ClientBuilder builder =
        EventClient.builder().backoff(Duration.ofMillis(10), Duration.ofMillis(100));
    List.of(addresses).forEach(builder::server);
    return builder;
  }

  @Test
  void aServerMayBeAbsentAtTheStart() {
    try (ToyServer server = ToyServer.absent();
        EventClient client = quick(server.address()).build()) {
      CompletableFuture<Void> sent = client.send(Event.ofText("a"));
      await().until(() -> client.statistics().servers().get(0).failures() > 2);
      assertThat(sent).isNotDone();
      server.start();
      assertThat(sent).succeedsWithin(SOON);
      assertThat(server.bodies()).containsExactly("a");
      assertThat(client.statistics().retried()).isPositive();
    }
  }

  // Every event whose future completes is at the server, whatever the server went through; what was
  // in flight when it died may be there twice.
  @Test
  void noAcknowledgedEventIsLostWhenTheServerIsKilledAndRestarted() throws Exception {
    int events = 5000;
    try (ToyServer server = ToyServer.started();
        EventClient client = quick(server.address()).build()) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        sent.add(client.send(Event.ofText("" + i)));
        if (i % 1000 == 500) {
          int before = server.received().size();
          await().until(() -> server.received().size() > before || before >= 500);
          server.kill();
          server.start();
        }
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      assertThat(server.bodies())
          .containsAll(IntStream.range(0, events).mapToObj(Integer::toString).toList());
      assertThat(client.statistics().acknowledged()).isEqualTo(events);
      assertThat(client.statistics().failed()).isZero();
      assertThat(client.statistics().servers().get(0).connects()).isGreaterThan(1);
    }
  }

  @Test
  void orderHoldsThroughARestartWithOneCallInFlight() throws Exception {
    int events = 600;
    try (ToyServer server = ToyServer.started();
        EventClient client = quick(server.address()).batchEvents(10).maxInFlight(1).build()) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        sent.add(client.send(Event.ofText("" + i)));
      }
      await().until(() -> server.received().size() > 20);
      server.kill();
      server.start();
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      assertThat(server.bodies().stream().distinct().toList())
          .containsExactlyElementsOf(
              IntStream.range(0, events).mapToObj(Integer::toString).toList());
    }
  }

  @Test
  void aServerThatTakesConnectionsAndNeverAnswersCostsTheRequestTimeout() throws Exception {
    try (ServerSocket hanging = ToyServer.listenOn(0);
        EventClient client =
            quick(new ServerAddress("127.0.0.1", hanging.getLocalPort()))
                .requestTimeout(Duration.ofMillis(200))
                .maxAttempts(2)
                .build()) {
      long begin = System.nanoTime();
      assertThatThrownBy(() -> client.append(Event.ofText("a")))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("2 tries")
          .hasMessageContaining("no answer within 200 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(Duration.ofMillis(400), Duration.ofSeconds(60));
      assertThat(client.statistics().failed()).isOne();
      assertThat(client.statistics().sent()).isEqualTo(2);
    }
  }

  @Test
  void anEventOutOfTimeFailsAndNamesTheLastFailure() {
    try (EventClient client =
        quick(ToyServer.absent().address()).deliveryTimeout(Duration.ofMillis(300)).build()) {
      assertThat(client.send(Event.ofText("a")))
          .failsWithin(SOON)
          .withThrowableThat()
          .withCauseInstanceOf(TransientException.class)
          .withMessageContaining("no acknowledgement within 300 ms")
          .withMessageContaining("cannot connect");
    }
  }

  @Test
  void aServerThatSaysFailedIsAskedAgainUntilItTakesTheEvents() throws Exception {
    try (ToyServer server = ToyServer.started();
        EventClient client = quick(server.address()).build()) {
      AtomicInteger calls = new AtomicInteger();
      server.answer(
          request ->
              CompletableFuture.completedFuture(
                  calls.incrementAndGet() < 4 ? Answer.Status.FAILED : Answer.Status.OK));
      client.append(Event.ofText("a"));
      assertThat(calls.get()).isEqualTo(4);
      assertThat(client.statistics().retried()).isEqualTo(3);
      assertThat(client.statistics().servers().get(0).connects()).as("one connection").isOne();
    }
  }

  // The server says "try again" to every call with the bad event, for ever: the others get through
  // all the same.
  @Test
  void anEventThatNoServerTakesHoldsUpNoOther() {
    try (ToyServer server = ToyServer.started();
        EventClient client =
            quick(server.address())
                .linger(Duration.ofMillis(100))
                .deliveryTimeout(Duration.ofMinutes(10))
                .build()) {
      server.answer(
          request -> {
            boolean isBad = false;
            for (io.millrace.api.EventView event : request.batch()) {
              isBad |= event.bodyText().equals("bad");
            }
            return CompletableFuture.completedFuture(
                isBad ? Answer.Status.FAILED : Answer.Status.OK);
          });
      CompletableFuture<Void> bad = client.send(Event.ofText("bad"));
      List<CompletableFuture<Void>> good = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        good.add(client.send(Event.ofText("good " + i)));
      }
      assertThat(CompletableFuture.allOf(good.toArray(CompletableFuture[]::new)))
          .succeedsWithin(SOON);
      assertThat(client.send(Event.ofText("late"))).succeedsWithin(SOON);
      assertThat(bad).isNotDone();
      client.close(Duration.ZERO);
      assertThat(bad).failsWithin(SOON);
      assertThat(client.statistics().failed()).isOne();
    }
  }

  // Flume answers a channel in trouble with an error as it does a bad event: nobody can tell.
  @Test
  void anErrorThatIsNotSaidToBeForGoodIsTriedAgain() throws Exception {
    try (ToyServer server = ToyServer.started();
        EventClient client = quick(server.address()).maxAttempts(4).build()) {
      AtomicInteger calls = new AtomicInteger();
      server.answer(
          request ->
              CompletableFuture.completedFuture(
                  calls.incrementAndGet() < 4
                      ? new Answer.CallError("disk\nfull")
                      : Answer.Status.OK));
      client.append(Event.ofText("a"));
      assertThat(calls.get()).isEqualTo(4);
      assertThat(client.statistics().retried()).isEqualTo(3);

      server.answer(new Answer.CallError("disk\nfull"));
      assertThatThrownBy(() -> client.append(Event.ofText("b")))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("in 4 tries")
          .hasMessageContaining("did not take the events: it says: disk?full");
    }
  }

  @Test
  void theBufferNeverExceedsItsBoundUnderADeadServer() {
    long bound = 200_000;
    try (EventClient client =
        quick(ToyServer.absent().address())
            .maxBufferedBytes(DataSize.ofBytes(bound))
            .whenFull(WhenFull.fail())
            .build()) {
      Event event = Event.of(new byte[1000]);
      int taken = 0;
      for (int i = 0; i < 1000; i++) {
        taken += client.offer(event.asBatch()) ? 1 : 0;
        assertThat(client.statistics().bufferedBytes()).isLessThanOrEqualTo(bound);
      }
      long each = event.asBatch().encodedBytes() + Parcel.OVERHEAD_BYTES;
      assertThat(taken).isEqualTo((int) (bound / each));
      assertThat(client.statistics().dropped()).isEqualTo(1000 - taken);
      assertThat(client.send(event))
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .withCauseInstanceOf(BufferFullException.class)
          .withMessageContaining("of 200000 bytes are taken");
      client.close(Duration.ofMillis(100));
      ClientStatistics after = client.statistics();
      assertThat(after.failed()).isEqualTo(taken);
      assertThat(after.buffered()).isZero();
      assertThat(after.accepted()).isEqualTo(after.acknowledged() + after.failed());
    }
  }

  // The reckoning is honest: the heap grows by no more than the bound, for events of a few bytes
  // too, whose own part of it is small. Measured after collections; half as much again is allowed.
  @Test
  void theHeapGrowsByNoMoreThanTheBound() {
    long bound = 24 << 20;
    try (EventClient client =
        quick(ToyServer.absent().address())
            .maxBufferedBytes(DataSize.ofBytes(bound))
            .whenFull(WhenFull.fail())
            .build()) {
      List<CompletableFuture<Void>> held = new ArrayList<>();
      long before = usedAfterCollection();
      CompletableFuture<Void> last;
      do {
        last = client.send(Event.ofText("event " + held.size()));
        held.add(last);
      } while (!last.isCompletedExceptionally());
      assertThat(held.size()).isGreaterThan(50_000);
      assertThat(client.statistics().bufferedBytes()).isBetween(bound - 1000, bound);
      assertThat(usedAfterCollection() - before).isLessThan(bound + bound / 2);
      client.close(Duration.ZERO);
    }
  }

  private static long usedAfterCollection() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  // A batch cut out of a large one must not keep the large one's memory.
  @Test
  void anEventOfALargeArrayIsCopiedOutOfIt() {
    EventBatch.Builder builder = EventBatch.builder(1 << 20);
    EventBatch small = builder.add(io.millrace.api.EncodedHeaders.NONE, new byte[10]).build();
    EventBatch compact = Pieces.of(small, 100, 1000).get(0);
    assertThat(compact).isEqualTo(small);
    assertThat(compact.<Integer>lend((array, offset, length) -> array.length))
        .isEqualTo(small.encodedBytes());
  }

  @Test
  void aSendWithoutRoomBlocksAsLongAsItIsAllowedAndNoLonger() {
    try (EventClient client =
        quick(ToyServer.absent().address())
            .maxBufferedBytes(DataSize.ofBytes(5000))
            .whenFull(WhenFull.block(Duration.ofMillis(300)))
            .build()) {
      client.send(Event.of(new byte[4500]));
      long begin = System.nanoTime();
      assertThat(client.send(Event.of(new byte[1000]))).isCompletedExceptionally();
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(Duration.ofMillis(300), Duration.ofSeconds(60));
      client.close(Duration.ZERO);
    }
  }

  @Test
  void whoWaitsForRoomGoesOnWhenTheServerTakesEventsAgain() throws Exception {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    try (ToyServer server = ToyServer.started();
        EventClient client =
            quick(server.address()).maxBufferedBytes(DataSize.ofBytes(5000)).build()) {
      server.answer(request -> answer);
      client.send(Event.of(new byte[4500]));
      CompletableFuture<Void> waiting = new CompletableFuture<>();
      Thread sender =
          new Thread(
              () ->
                  client
                      .send(Event.of(new byte[1000]))
                      .whenComplete(
                          (nothing, failure) -> {
                            if (failure == null) {
                              waiting.complete(null);
                            } else {
                              waiting.completeExceptionally(failure);
                            }
                          }));
      sender.start();
      await().until(() -> sender.getState() == Thread.State.TIMED_WAITING);
      answer.complete(Answer.Status.OK);
      assertThat(waiting).succeedsWithin(SOON);
      sender.join();
    }
  }

  @Test
  void memoryStaysBoundedAtASlowServerAndNothingIsLost() throws Exception {
    long bound = 60_000;
    int threads = 4;
    int events = 150;
    try (ToyServer server = ToyServer.started();
        EventClient client =
            quick(server.address())
                .batchEvents(10)
                .maxBufferedBytes(DataSize.ofBytes(bound))
                .build()) {
      server.answer(
          request ->
              new CompletableFuture<Answer>()
                  .completeOnTimeout(Answer.Status.OK, 20, TimeUnit.MILLISECONDS));
      EventClientTest.runThreads(
          threads,
          thread -> {
            for (int i = 0; i < events; i++) {
              client.send(Event.ofText(thread + "/" + i + " " + "x".repeat(1000)));
              assertThat(client.statistics().bufferedBytes()).isLessThanOrEqualTo(bound);
            }
          });
      assertThat(client.flush(SOON)).isTrue();
      assertThat(server.bodies()).hasSize(threads * events).doesNotHaveDuplicates();
    }
  }

  @Test
  void theCloseWithADeadServerEndsInTimeAndFailsWhatIsLeft() {
    EventClient client = quick(ToyServer.absent().address()).build();
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      sent.add(client.send(Event.ofText("" + i)));
    }
    long begin = System.nanoTime();
    assertThat(client.close(Duration.ofMillis(300))).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(250), Duration.ofSeconds(15));
    assertThat(sent).allMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(client.statistics().failed()).isEqualTo(500);
  }

  @Test
  void theCloseDoesNotWaitForAHangingServerBeyondItsLimit() throws Exception {
    try (ServerSocket hanging = ToyServer.listenOn(0)) {
      EventClient client = quick(new ServerAddress("127.0.0.1", hanging.getLocalPort())).build();
      CompletableFuture<Void> sent = client.send(Event.ofText("a"));
      await().until(() -> client.statistics().sent() == 1);
      long begin = System.nanoTime();
      assertThat(client.close(Duration.ofMillis(200))).isFalse();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
      assertThat(sent)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .withMessageContaining("one may have them all the same");
    }
  }

  // Close while eight threads send: every future is settled, and what completed is at the server.
  @Test
  void aCloseWhileThreadsSendSettlesEveryFuture() throws Exception {
    ConcurrentLinkedQueue<CompletableFuture<Void>> sent = new ConcurrentLinkedQueue<>();
    CountDownLatch begun = new CountDownLatch(8);
    CountDownLatch closes = new CountDownLatch(1);
    try (ToyServer server = ToyServer.started()) {
      EventClient client = quick(server.address()).build();
      Thread closer =
          new Thread(
              () -> {
                try {
                  begun.await();
                  closes.countDown();
                  client.close(SOON);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      closer.start();
      EventClientTest.runThreads(
          8,
          thread -> {
            CompletableFuture<Void> future;
            int next = 0;
            do {
              future = client.send(Event.ofText(thread + "/" + next));
              sent.add(future);
              if (next++ == 50) {
                begun.countDown();
                closes.await();
              }
            } while (!future.isCompletedExceptionally());
          });
      closer.join();
      assertThat(sent).allMatch(CompletableFuture::isDone);
      long completed = sent.stream().filter(future -> !future.isCompletedExceptionally()).count();
      ClientStatistics statistics = client.statistics();
      assertThat(statistics.acknowledged()).isEqualTo(completed).isEqualTo(statistics.accepted());
      assertThat(server.bodies()).hasSize((int) completed).doesNotHaveDuplicates();
      assertThat(statistics.dropped()).isEqualTo(sent.size() - completed).isPositive();
    }
  }

  @Test
  void threadsAndSocketsEndWithTheClient() throws Exception {
    String name = "ends-" + System.nanoTime();
    try (ToyServer server = ToyServer.started()) {
      try (EventClient client = quick(server.address()).name(name).build()) {
        client.append(Event.ofText("a"));
        assertThat(threadsOf(name)).isNotEmpty();
      }
      await().untilAsserted(() -> assertThat(threadsOf(name)).isEmpty());
    }
  }

  private static List<String> threadsOf(String client) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(thread -> thread.contains(client))
        .toList();
  }
}
