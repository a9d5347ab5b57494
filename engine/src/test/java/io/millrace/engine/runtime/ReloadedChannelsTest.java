/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.Outcome;
import io.millrace.api.TransientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What becomes of events under way, and in channels, when what holds them is replaced. */
class ReloadedChannelsTest extends TwoFlows {
  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void deliveriesUnderWaySettleBeforeTheirSinkStops() {
    sink.answer = sink::keepOpen;
    start(before);
    source.emit(0, 5);
    await().untilAsserted(() -> assertThat(sink.open).hasSize(1));
    ToySink next = new ToySink(1);

    CompletableFuture<TopologyChange> applied =
        CompletableFuture.supplyAsync(
            () -> agent.apply(before.sink("k1", next, "c1").definition()));
    await().during(Duration.ofMillis(200)).until(() -> !sink.stopped && !applied.isDone());
    sink.open.get(0).complete(Outcome.delivered());

    assertThat(applied).succeedsWithin(SOON);
    assertThat(sink.stopped).isTrue();
    assertThat(source.emit(5, 8)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(next.delivered).isEqualTo(numbers(5, 8)));
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
  }

  @Test
  void whatAStoppedSinkNeverAnswersIsDeliveredByItsSuccessor() {
    sink.answer = sink::keepOpen;
    start(before);
    source.emit(0, 5);
    await().untilAsserted(() -> assertThat(sink.open).hasSize(1));
    ToySink next = new ToySink(1);

    agent.apply(before.sink("k1", next, "c1").definition(), Duration.ofMillis(500));

    await().untilAsserted(() -> assertThat(next.delivered).isEqualTo(numbers(0, 5)));
    sink.open.get(0).complete(Outcome.delivered());
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
  }

  @Test
  void eventsInMemoryGoOverIntoTheChannelThatTakesItsPlace() {
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    start(before);
    assertThat(otherSource.emit(0, 250)).succeedsWithin(SOON);
    ToyChannel next = new ToyChannel(50, false);
    ToySink works = new ToySink(1);

    agent.apply(before.channel("c2", next).sink("k2", works, "c2").definition());
    assertThat(otherSource.emit(250, 260)).succeedsWithin(SOON);

    await().untilAsserted(() -> assertThat(works.delivered).isEqualTo(numbers(0, 260)));
    assertThat(memory.eventCount()).isZero();
    await().until(() -> memory.stopped);
    assertThat(otherSource.starts).as("its connections stayed").isEqualTo(1);
  }

  @Test
  void sourcesAreRefusedWhileOlderEventsWaitForRoom() {
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    start(before);
    assertThat(otherSource.emit(0, 5)).succeedsWithin(SOON);
    ToyChannel full = new ToyChannel(50, false);
    full.appendFailure = new ChannelFullException("full");
    ToySink works = new ToySink(1);

    agent.apply(
        before.channel("c2", full).sink("k2", works, "c2").definition(), Duration.ofMillis(500));
    assertThat(otherSource.emit(5, 6))
        .failsWithin(SOON)
        .withThrowableThat()
        .withCauseInstanceOf(TransientException.class);
    full.appendFailure = null;

    await().untilAsserted(() -> assertThat(works.delivered).isEqualTo(numbers(0, 5)));
    await().untilAsserted(() -> assertThat(otherSource.emit(5, 6)).succeedsWithin(SOON));
    await().untilAsserted(() -> assertThat(works.delivered).isEqualTo(numbers(0, 6)));
  }

  @Test
  void aDefectOfTheNewChannelEndsNoHandover() {
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    start(before);
    assertThat(otherSource.emit(0, 5)).succeedsWithin(SOON);
    ToyChannel next = new ToyChannel(50, false);
    next.defect = new StackOverflowError("defect");
    ToySink works = new ToySink(1);

    agent.apply(
        before.channel("c2", next).sink("k2", works, "c2").definition(), Duration.ofMillis(500));
    assertThat(memory.stopped).isFalse();
    next.defect = null;

    await().untilAsserted(() -> assertThat(works.delivered).isEqualTo(numbers(0, 5)));
    await().until(() -> memory.stopped);
  }

  @Test
  void aRemovedChannelInMemoryIsDeliveredFirst() {
    CountDownLatch peerIsBack = new CountDownLatch(1);
    otherSink.answer =
        batch -> {
          awaitQuietly(peerIsBack);
          return otherSink.deliverAll(batch);
        };
    start(before);
    assertThat(otherSource.emit(0, 25)).succeedsWithin(SOON);

    CompletableFuture<TopologyChange> applied =
        CompletableFuture.supplyAsync(
            () -> agent.apply(before.without("r2").without("k2").without("c2").definition()));
    await().until(() -> memory.refusesAppends);
    assertThat(memory.stopped || otherSink.stopped).isFalse();
    peerIsBack.countDown();

    assertThat(applied).succeedsWithin(SOON);
    assertThat(otherSink.delivered).isEqualTo(numbers(0, 25));
  }

  @Test
  void whatARemovedChannelCannotDeliverInTimeIsLeft() {
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    start(before);
    assertThat(otherSource.emit(0, 25)).succeedsWithin(SOON);
    long begin = System.nanoTime();

    agent.apply(
        before.without("r2").without("k2").without("c2").definition(), Duration.ofSeconds(1));

    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(700), Duration.ofSeconds(30));
    assertThat(memory.stopped).isTrue();
    assertThat(memory.eventCount()).isEqualTo(25);
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);
  }

  @Test
  void aChannelThatSavesItsEventsIsNotWaitedFor() {
    memory.savesAtStop = true;
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    start(before);
    assertThat(otherSource.emit(0, 25)).succeedsWithin(SOON);
    ToySink works = new ToySink(1);

    agent.apply(
        before
            .channel("c2", new ToyChannel.Reopened(memory, 2))
            .sink("k2", works, "c2")
            .definition());

    await().untilAsserted(() -> assertThat(works.delivered).isEqualTo(numbers(0, 25)));
    assertThat(memory.starts).isEqualTo(2);
  }
}
