/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.TransientException;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.SinkDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Promise 7: channels in memory drain at a stop, up to a limit. */
class AgentStopTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final ToySink sink = new ToySink(1);
  private final ToyChannel channel = new ToyChannel(100, false);
  private final Agent agent =
      Agent.create(
          new AgentDefinition(
              "a1",
              List.of(new ChannelDefinition("c1", "toy", new ToyChannel.Options(channel))),
              List.of(),
              List.of(new SinkDefinition("k1", "toy", new ToySink.Options(sink, 10), "c1", 10))));

  /** With five events in the channel and a sink that cannot deliver; how long the stop took. */
  private Duration stop(boolean expected) {
    sink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    agent.start();
    for (int i = 0; i < 5; i++) {
      channel.append(EventBatch.of(Map.of(), new byte[] {'x'})).join();
    }
    long begin = System.nanoTime();
    assertThat(agent.stop(LIMIT)).isEqualTo(expected);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Test
  void whatCannotBeDeliveredWithinTheLimitIsLostAndTheStopIsNotClean() {
    Duration took = stop(false);

    assertThat(took).isBetween(LIMIT.multipliedBy(7).dividedBy(10), LIMIT.multipliedBy(30));
    assertThat(channel.stopped).isTrue();
    assertThat(channel.volatileEventCount()).isEqualTo(5);
  }

  @Test
  void anInterruptOfWhoeverStopsItCutsNothingShort() {
    agent.start();
    channel.append(ToySource.numbered(0, 5)).join();

    Thread.currentThread().interrupt();
    boolean isClean = agent.stop(Duration.ofSeconds(60));

    assertThat(Thread.interrupted()).as("the flag is as it was").isTrue();
    assertThat(isClean).isTrue();
    assertThat(sink.delivered).hasSize(5);
    assertThat(sink.stopped && channel.stopped).isTrue();
  }

  @Test
  void aSinkThatIsToBeTriedAgainStillIsWhileTheChannelsDrain() {
    sink.startFailure = new TransientException("port 4141 is in use");
    agent.start();
    channel.append(ToySource.numbered(0, 5)).join();

    CompletableFuture<Boolean> isClean =
        CompletableFuture.supplyAsync(() -> agent.stop(Duration.ofSeconds(60)));
    await().until(() -> channel.refusesAppends);
    sink.startFailure = null;

    assertThat(isClean).succeedsWithin(Duration.ofSeconds(70)).isEqualTo(true);
    assertThat(sink.delivered).hasSize(5);
  }

  @Test
  void whatTheChannelSavesAtItsStopIsNotLostThoughNoSinkTakesIt() {
    channel.savesAtStop = true;

    stop(true);

    assertThat(channel.eventCount()).isEqualTo(5);
    assertThat(channel.stopped).isTrue();
  }
}
