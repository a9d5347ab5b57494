/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Outcome;
import io.millrace.api.StorageException;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where events go that a sink rejects for good. Event 3 is the bad one. */
class DeadLetterTest {
  private static final String BAD = "3";

  private final ToyChannel channel = new ToyChannel(100, true);
  private final ToyChannel dead = new ToyChannel(100, true);
  private final ToySink sink = new ToySink(1);
  private Agent agent;

  @AfterEach
  void stop() {
    if (agent != null) {
      agent.stop(Duration.ofSeconds(2));
    }
  }

  /** Delivers all but the bad one. */
  private static CompletableFuture<Outcome> rejectBad(
      EventBatch batch, List<String> delivered, String reason) {
    Outcome.Builder outcome = Outcome.builder();
    int index = 0;
    for (EventView event : batch) {
      if (event.bodyText().equals(BAD)) {
        outcome.reject(index, reason);
      } else {
        delivered.add(event.bodyText());
      }
      index++;
    }
    return CompletableFuture.completedFuture(outcome.build());
  }

  private static ChannelDefinition channel(String name, ToyChannel channel) {
    return new ChannelDefinition(name, "toy", new ToyChannel.Options(channel));
  }

  private static SinkDefinition sink(String name, ToySink sink, String deadLetters) {
    return new SinkDefinition(
        name, "toy", new ToySink.Options(sink, 10), "c1", 10, Optional.of(deadLetters));
  }

  private void run(SinkDefinition... sinks) {
    sink.answer = batch -> rejectBad(batch, sink.delivered, "too\nlong \u202e \u001b[31m");
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(channel("c1", channel), channel("c9", dead)),
                List.of(),
                List.of(sinks)));
    agent.start();
  }

  private String metric(String name) {
    return agent.metrics().snapshot().get("SINK.k1").get(name);
  }

  private static List<String> bodies(ToyChannel channel) {
    List<String> bodies = new ArrayList<>();
    try (Delivery delivery = channel.take(100, Long.MAX_VALUE)) {
      if (delivery != null) {
        delivery.batch().forEach(event -> bodies.add(event.bodyText()));
      }
    }
    return bodies;
  }

  @Test
  void aRejectedEventGoesThereWithTheReasonTheSinkAndTheTime() {
    channel.append(ToySource.numbered(0, 5));
    Instant before = Instant.now().minusMillis(1);
    run(sink("k1", sink, "c9"));

    await().until(() -> channel.eventCount() == 0);
    assertThat(sink.delivered).containsExactly("0", "1", "2", "4");
    try (Delivery delivery = dead.take(100, Long.MAX_VALUE)) {
      assertThat(delivery.batch().eventCount()).isOne();
      EventView event = delivery.batch().iterator().next();
      assertThat(event.bodyText()).isEqualTo(BAD);
      Map<String, String> headers = event.headers();
      assertThat(headers)
          .containsEntry("millrace.rejected.reason", "too long    [31m")
          .containsEntry("millrace.rejected.sink", "k1");
      assertThat(Instant.parse(headers.get("millrace.rejected.time")))
          .isBetween(before, Instant.now());
    }
    // Counted after the acknowledgement.
    await().until(() -> metric("EventRejectedCount").equals("1"));
    assertThat(metric("EventDeadLetterCount")).isEqualTo("1");
    assertThat(metric("DeadLetterFailCount")).isEqualTo("0");
    assertThat(metric("EventDrainSuccessCount")).isEqualTo("4");
  }

  @Test
  void aReasonIsCutAndKeepsToOneLine() {
    assertThat(DeadLetterChannel.fit("x".repeat(10_000))).hasSize(500);
    assertThat(DeadLetterChannel.fit(" a\u0000b\u2028c\ud800 ")).isEqualTo("a b c");
    assertThat(DeadLetterChannel.fit("\ud83d\ude00".repeat(600)).codePointCount(0, 1000))
        .isEqualTo(500);
  }

  /** Goal: not a moment in which neither channel has it. */
  @Test
  void itIsAcknowledgedOnlyOnceTheDeadLetterChannelHasIt() {
    CompletableFuture<Void> synced = new CompletableFuture<>();
    dead.answer = synced;
    channel.append(ToySource.numbered(0, 5));
    run(sink("k1", sink, "c9"));

    await().until(() -> sink.delivered.size() == 4);
    assertThat(channel.eventCount()).isEqualTo(5);
    synced.complete(null);
    await().until(() -> channel.eventCount() == 0);
  }

  @Test
  void aFullOrFailingDeadLetterChannelCostsRepetitionsAndNothingElse() {
    dead.fullAt.addAll(Set.of(0, 1));
    channel.append(ToySource.numbered(0, 5));
    run(sink("k1", sink, "c9"));

    await().until(() -> channel.eventCount() == 0);
    assertThat(sink.delivered).containsExactly("0", "1", "2", "4");
    assertThat(bodies(dead)).containsExactly(BAD);
    assertThat(metric("DeadLetterFailCount")).isEqualTo("2");
    await().until(() -> metric("EventRejectedCount").equals("1"));
    assertThat(metric("EventRetryCount")).isEqualTo("2");
  }

  @Test
  void whatComesBehindGoesOnWhileTheDeadLetterChannelTakesNothing() {
    dead.appendFailure = new StorageException("the disk is gone", null);
    channel.append(ToySource.numbered(0, 5));
    run(sink("k1", sink, "c9"));

    await().until(() -> sink.delivered.size() == 4);
    channel.append(ToySource.numbered(5, 30));
    await().until(() -> sink.delivered.size() == 29);
    assertThat(sink.delivered).doesNotHaveDuplicates();
    await().until(() -> channel.eventCount() == 1);
    dead.appendFailure = null;
    await().until(() -> channel.eventCount() == 0);
    assertThat(bodies(dead)).containsExactly(BAD);
  }

  /** A crash there: the append is done, the acknowledgement never comes. */
  @Test
  void anEventWhoseAcknowledgementIsLostComesTwiceAndIsNeverLost() {
    channel.acknowledgeDefect = new StackOverflowError("as if the process had ended here");
    channel.append(ToySource.numbered(3, 4));
    run(sink("k1", sink, "c9"));
    // The first of two has met the defect.
    await().until(() -> dead.eventCount() > 1);
    channel.acknowledgeDefect = null;

    await().until(() -> channel.eventCount() == 0);
    assertThat(bodies(dead)).hasSizeGreaterThan(1).containsOnly(BAD);
  }

  @Test
  void everySinkOfAGroupHasItsOwn() {
    ToySink second = new ToySink(1);
    second.answer = batch -> rejectBad(batch, second.delivered, "no");
    channel.append(ToySource.numbered(0, 5));
    sink.answer = batch -> rejectBad(batch, sink.delivered, "no");
    SinkDefinition plain =
        new SinkDefinition("k2", "toy", new ToySink.Options(second, 10), "c1", 10);
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(channel("c1", channel), channel("c9", dead)),
                List.of(),
                List.of(sink("k1", sink, "c9"), plain),
                List.of(
                    new SinkGroupDefinition(
                        "g1",
                        new Failover(Map.of(), Duration.ofSeconds(1), Duration.ZERO),
                        List.of(
                            new SinkGroupDefinition.Member("k1", 2),
                            new SinkGroupDefinition.Member("k2", 1))))));
    agent.start();

    await().until(() -> channel.eventCount() == 0);
    assertThat(bodies(dead)).containsExactly(BAD);
    assertThat(metric("EventDeadLetterCount")).isEqualTo("1");
  }

  /** Goal: what a memory channel still has at the stop can be rejected, too. */
  @Test
  void aStopLetsDeadLettersInUntilTheSinksHaveStopped() {
    ToyChannel memory = new ToyChannel(100, false);
    CountDownLatch stopping = new CountDownLatch(1);
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(channel("c1", memory), channel("c9", dead)),
                List.of(),
                List.of(sink("k1", sink, "c9"))));
    sink.answer =
        batch ->
            CompletableFuture.supplyAsync(
                () -> {
                  await().until(() -> memory.refusesAppends);
                  stopping.countDown();
                  assertThat(dead.refusesAppends).isFalse();
                  return rejectBad(batch, sink.delivered, "no").join();
                });
    agent.start();
    memory.append(ToySource.numbered(0, 5));

    assertThat(agent.stop(Duration.ofSeconds(60))).isTrue();
    assertThat(stopping.getCount()).isZero();
    assertThat(memory.eventCount()).isZero();
    assertThat(bodies(dead)).containsExactly(BAD);
    assertThat(dead.refusesAppends).isTrue();
  }

  @Test
  void aReloadMayGiveASinkAnotherDeadLetterChannel() {
    ToyChannel other = new ToyChannel(100, true);
    run(sink("k1", sink, "c9"));
    channel.append(ToySource.numbered(3, 4));
    await().until(() -> dead.eventCount() == 1);

    TopologyChange change =
        agent.apply(
            new AgentDefinition(
                "a1",
                List.of(channel("c1", channel), channel("c9", dead), channel("c8", other)),
                List.of(),
                List.of(sink("k1", sink, "c8"))),
            Duration.ofSeconds(60));
    assertThat(change.lines())
        .containsExactly("channel c8 is added", "sink k1 changes: millrace.dead-letter-channel");
    channel.append(ToySource.numbered(3, 4));
    await().until(() -> other.eventCount() == 1);
    assertThat(dead.eventCount()).isOne();
  }
}
