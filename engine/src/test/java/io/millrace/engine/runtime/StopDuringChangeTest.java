/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.TransientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Promises 7 and 10: a stop, or a defect, that meets a change half way loses nothing. */
class StopDuringChangeTest extends TwoFlows {
  private final ToySink works = new ToySink(1);

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** With 25 events in memory: the stop comes while the change stops the sink that goes. */
  private void stopDuring(ToyAgents next) {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    otherSink.onStop =
        () -> {
          entered.countDown();
          awaitQuietly(goOn);
        };
    start(before);
    assertThat(otherSource.emit(0, 25)).succeedsWithin(SOON);
    CompletableFuture<TopologyChange> applied =
        CompletableFuture.supplyAsync(() -> agent.apply(next.definition()));
    awaitQuietly(entered);
    CompletableFuture<Boolean> isClean =
        CompletableFuture.supplyAsync(() -> agent.stop(Duration.ofSeconds(60)));
    await().until(agent::isStopping);
    goOn.countDown();

    assertThat(isClean).succeedsWithin(Duration.ofSeconds(70)).isEqualTo(true);
    assertThat(applied).succeedsWithin(SOON);
    assertThat(works.delivered).isEqualTo(numbers(0, 25));
  }

  @Test
  void theNewSinkTakesWhatIsLeftInMemory() {
    stopDuring(before.sink("k2", works, "c2"));
  }

  @Test
  void theNewChannelTakesOverAndItsSinkDelivers() {
    ToyChannel next = new ToyChannel(50, false);

    stopDuring(before.channel("c2", next).sink("k2", works, "c2"));

    assertThat(next.stopped && memory.stopped).isTrue();
  }

  @Test
  void aChangeThatADefectEndsLeavesNothingNewBehindAndCanBeMadeLater() {
    start(before);
    assertThat(otherSource.emit(0, 5)).succeedsWithin(SOON);
    ToyAgents next = before.channel("c2", new ToyChannel(50, false)).sink("k2", works, "c2");
    memory.defect = new StackOverflowError("defect");
    assertThatThrownBy(() -> agent.apply(next.definition())).hasCause(memory.defect);
    assertThat(works.stopped).as("what was built for it").isTrue();

    memory.defect = null;
    agent.apply(next.definition());

    assertThat(otherSource.emit(5, 10)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(works.delivered).endsWith("5", "6", "7", "8", "9"));
  }
}
