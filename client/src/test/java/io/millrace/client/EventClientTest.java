/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static io.millrace.client.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataSize;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.rpc.session.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One client and one server that is well. */
class EventClientTest {
  private final ToyServer server = ToyServer.started();

  @AfterEach
  void stopServer() {
    server.close();
  }

  private ClientBuilder builder() {
    return EventClient.builder().server(server.address());
  }

  @Test
  void anAppendedEventIsAtTheServerWithItsHeadersAndItsBody() throws Exception {
    try (EventClient client = builder().build()) {
      client.append(Event.ofText(Map.of("k", "v", "größe", "ß"), "hello ü"));
      client.append(Event.of(new byte[0]));
    }
    assertThat(server.received())
        .containsExactly(
            new ToyServer.Received(Map.of("k", "v", "größe", "ß"), "hello ü"),
            new ToyServer.Received(Map.of(), ""));
  }

  @Test
  void aFutureCompletesOnlyWhenTheServerHasAnswered() {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    server.answer(request -> answer);
    try (EventClient client = builder().build()) {
      CompletableFuture<Void> sent = client.send(Event.ofText("a"));
      await().until(() -> server.received().size() == 1);
      assertThat(sent).isNotDone();
      assertThat(client.statistics().acknowledged()).isZero();
      assertThat(client.statistics().buffered()).isOne();

      answer.complete(Answer.Status.OK);
      assertThat(sent).succeedsWithin(Duration.ofSeconds(60));
      assertThat(client.statistics().acknowledged()).isOne();
      assertThat(client.statistics().bufferedBytes()).isZero();
    }
  }

  @Test
  void eventsOfManyThreadsArriveOnceAndEachThreadsInOrder() throws Exception {
    int threads = 16;
    int events = 500;
    try (EventClient client = builder().build()) {
      runThreads(
          threads,
          thread -> {
            List<CompletableFuture<Void>> sent = new ArrayList<>();
            for (int i = 0; i < events; i++) {
              sent.add(client.send(Event.ofText(Map.of("thread", "" + thread), "" + i)));
              if (i % 100 == 0) {
                client.append(Event.ofText(Map.of("thread", "blocking"), thread + "/" + i));
              }
            }
            CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                .get(60, TimeUnit.SECONDS);
          });
      ClientStatistics statistics = client.statistics();
      assertThat(statistics.accepted()).isEqualTo(threads * (events + 5));
      assertThat(statistics.acknowledged()).isEqualTo(statistics.accepted());
      assertThat(statistics.sent()).isEqualTo(statistics.accepted());
      assertThat(statistics.failed() + statistics.dropped() + statistics.retried()).isZero();
      assertThat(statistics.buffered()).isZero();
    }
    List<String> numbers = IntStream.range(0, events).mapToObj(Integer::toString).toList();
    for (int thread = 0; thread < threads; thread++) {
      String mark = "" + thread;
      assertThat(server.received())
          .filteredOn(event -> mark.equals(event.headers().get("thread")))
          .extracting(ToyServer.Received::body)
          .containsExactlyElementsOf(numbers);
    }
    assertThat(server.received()).hasSize(threads * (events + 5));
    assertThat(server.callSizes()).allMatch(size -> size <= 100);
    assertThat(server.callSizes().size()).as("calls shared").isLessThan(threads * events / 4);
  }

  @Test
  void aSendLargerThanACallGoesInSeveralAndCompletesWithTheLast() throws Exception {
    try (EventClient client =
        builder().batchEvents(30).batchBytes(DataSize.ofBytes(2000)).build()) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        events.add(Event.ofText(i + "x".repeat(i == 50 ? 5000 : 10)));
      }
      client.append(events);
      assertThat(server.bodies()).hasSize(100).allMatch(body -> body.contains("x"));
      assertThat(server.callSizes()).allMatch(size -> size <= 30).contains(30, 1);
      client.append(List.of());
      assertThat(client.statistics().acknowledged()).isEqualTo(100);
    }
  }

  @Test
  void lingeringEventsShareACallAndAFlushSendsThemAtOnce() throws Exception {
    try (EventClient client = builder().linger(Duration.ofMinutes(10)).build()) {
      for (int i = 0; i < 20; i++) {
        client.send(Event.ofText("" + i));
      }
      assertThat(server.received()).isEmpty();
      assertThat(client.flush(Duration.ofSeconds(60))).isTrue();
      assertThat(server.callSizes()).containsExactly(20);
      assertThat(client.flush(Duration.ofSeconds(60))).as("with nothing to flush").isTrue();

      client.send(Event.ofText("lingers"));
      client.append(Event.ofText("does not"));
      assertThat(server.callSizes()).containsExactly(20, 2);
    }
  }

  @Test
  void aFlushThatCannotEndInTimeSaysSoAndEndsLater() throws Exception {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    server.answer(request -> answer);
    try (EventClient client = builder().build()) {
      client.send(Event.ofText("a"));
      assertThat(client.flush(Duration.ofMillis(50))).isFalse();
      CompletableFuture<Void> flushed = client.flushed();
      CompletableFuture<Void> again = client.flushed();
      assertThat(flushed).isNotDone();
      answer.complete(Answer.Status.OK);
      assertThat(flushed).succeedsWithin(Duration.ofSeconds(60));
      assertThat(again).succeedsWithin(Duration.ofSeconds(60));
    }
  }

  @Test
  void theCloseSendsWhatLingersAndRefusesWhatComesAfter() {
    EventClient client = builder().linger(Duration.ofMinutes(10)).build();
    CompletableFuture<Void> sent = client.send(Event.ofText("a"));

    assertThat(client.close(Duration.ofSeconds(60))).isTrue();
    assertThat(sent).isCompleted();
    assertThat(server.bodies()).containsExactly("a");
    assertThat(client.send(Event.ofText("b")))
        .failsWithin(Duration.ofSeconds(60))
        .withThrowableThat()
        .withCauseInstanceOf(TransientException.class)
        .withMessageContaining("closed");
    assertThat(client.offer(Event.ofText("c").asBatch())).isFalse();
    assertThat(client.statistics().dropped()).isEqualTo(2);
    client.close();
  }

  @Test
  void aRefusedEventFailsAloneAndIsNotSentAgain() {
    CompletableFuture<Answer> first = new CompletableFuture<>();
    server.answer(request -> first);
    try (EventClient client = builder().linger(Duration.ofMinutes(10)).build()) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        sent.add(client.send(Event.ofText(i == 7 ? "bad" : "good")));
      }
      client.flushed();
      await().until(() -> server.callSizes().equals(List.of(10)));
      server.answer(
          request ->
              CompletableFuture.completedFuture(
                  request.batch().iterator().next().bodyText().equals("bad")
                      ? Answer.CallError.permanent("no\nbad ones")
                      : Answer.Status.OK));
      first.complete(Answer.CallError.permanent("one is bad"));

      for (int i = 0; i < 10; i++) {
        if (i == 7) {
          assertThat(sent.get(i))
              .failsWithin(Duration.ofSeconds(60))
              .withThrowableThat()
              .withCauseInstanceOf(RejectedException.class)
              .withMessageContaining(server.address() + " refuses: no?bad ones");
        } else {
          assertThat(sent.get(i)).succeedsWithin(Duration.ofSeconds(60));
        }
      }
      assertThat(server.callSizes()).hasSize(11);
      assertThat(client.statistics().failed()).isOne();
      assertThat(client.statistics().retried()).isEqualTo(10);
    }
  }

  @Test
  void anEventLargerThanTheBufferIsRefusedAtOnce() {
    try (EventClient client = builder().maxBufferedBytes(DataSize.ofBytes(5000)).build()) {
      assertThatThrownBy(() -> client.append(Event.of(new byte[6000])))
          .isInstanceOf(RejectedException.class)
          .hasMessageContaining("5000");
      assertThat(client.statistics().dropped()).isOne();
      assertThat(client.statistics().accepted()).isZero();
    }
  }

  @Test
  void blockingCallsOnAThreadOfTheClientAreRefused() {
    try (EventClient client = builder().build()) {
      AtomicReference<Throwable> refusal = new AtomicReference<>();
      CompletableFuture<Void> called =
          client
              .send(Event.ofText("a"))
              .thenRun(
                  () -> {
                    try {
                      client.append(Event.ofText("b"));
                    } catch (Exception e) {
                      refusal.set(e);
                    }
                  });
      assertThat(called).succeedsWithin(Duration.ofSeconds(60));
      // The send may have completed before the call hung on it, on this very thread.
      assertThat(refusal.get() instanceof IllegalStateException || server.bodies().contains("b"))
          .isTrue();
    }
  }

  @Test
  void aListenerThatThrowsDoesNoHarm() throws Exception {
    ConcurrentLinkedQueue<ServerAddress> connected = new ConcurrentLinkedQueue<>();
    ClientListener listener =
        new ClientListener() {
          @Override
          public void connected(ServerAddress address) {
            connected.add(address);
            throw new IllegalStateException("a listener's slip");
          }
        };
    try (EventClient client = builder().listener(listener).build()) {
      client.append(Event.ofText("a"));
      client.append(Event.ofText("b"));
      await().until(() -> !connected.isEmpty());
      assertThat(connected).containsExactly(server.address());
      assertThat(client.statistics().servers().get(0).isConnected()).isTrue();
    }
    assertThat(server.bodies()).containsExactly("a", "b");
  }

  @Test
  void theCallerMayGoOnToUseTheArrayOfTheBody() throws Exception {
    byte[] body = {'a'};
    try (EventClient client = builder().linger(Duration.ofMillis(50)).build()) {
      CompletableFuture<Void> sent = client.send(Event.of(body));
      body[0] = 'b';
      sent.get(60, TimeUnit.SECONDS);
    }
    assertThat(server.bodies()).containsExactly("a");
  }

  /** Work that may fail. */
  interface Work {
    void run(int thread) throws Exception;
  }

  static void runThreads(int threads, Work work) throws InterruptedException {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run(number);
                } catch (Exception | AssertionError e) {
                  failures.add(e);
                }
              });
      running.add(thread);
      thread.start();
    }
    for (Thread thread : running) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }
}
