/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.InvariantViolation;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Output;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.api.TransientException;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SourceDefinition;
import io.millrace.engine.runtime.ComponentStatus.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A component that fails is restarted alone; one that is stuck is found; the rest goes on. */
class SupervisionTest {
  private final ToyChannel channel = new ToyChannel(100, true);
  private final Sinks sinks = new Sinks();
  private final Sources sources = new Sources();
  private final AtomicReference<OutOfMemoryError> outOfMemory = new AtomicReference<>();
  private ChannelOptions channelOptions = new ToyChannel.Options(channel);
  private Duration stuckAfter = Duration.ofSeconds(60);
  private Agent agent;

  /** Builds a new sink each time, and keeps them all. */
  private static final class Sinks implements SinkOptions {
    final List<Built> built = Collections.synchronizedList(new ArrayList<>());
    volatile CountDownLatch holdsStop = new CountDownLatch(0);
    volatile RuntimeException stopFailure;

    /** How many starts fail from now on. */
    final AtomicInteger startFailures = new AtomicInteger();

    final class Built implements Sink {
      final SinkContext context;
      final ToySink toy = new ToySink(1);

      Built(SinkContext context) {
        this.context = context;
      }

      @Override
      public void start() {
        toy.start();
        if (startFailures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          throw new TransientException("port 4141 is in use");
        }
      }

      @Override
      public void stop() throws InterruptedException {
        toy.stop();
        holdsStop.await();
        if (stopFailure != null) {
          throw stopFailure;
        }
      }

      @Override
      public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
        return toy.deliver(batch, origin);
      }

      /** Ends a thread of the component by {@code failure}. */
      void dieBy(Error failure) {
        context
            .threads("worker")
            .newThread(
                () -> {
                  throw failure;
                })
            .start();
      }
    }

    @Override
    public Sink build(SinkContext context) {
      Built sink = new Built(context);
      built.add(sink);
      return sink;
    }

    @Override
    public int batchSize() {
      return 10;
    }

    Built last() {
      return built.get(built.size() - 1);
    }

    int delivered() {
      return List.copyOf(built).stream().mapToInt(each -> each.toy.delivered.size()).sum();
    }
  }

  /** As {@link Sinks}. */
  private static final class Sources implements SourceOptions {
    record Built(SourceContext context, Output output) implements Source {}

    final List<Built> built = Collections.synchronizedList(new ArrayList<>());

    @Override
    public Source build(SourceContext context) {
      Built source = new Built(context, context.output());
      built.add(source);
      return source;
    }

    Built last() {
      return built.get(built.size() - 1);
    }
  }

  private record ToFirst() implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      return batch -> List.of(new Selector.Route(batch, new Selector.Targets(channels, List.of())));
    }
  }

  private void run() {
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(new ChannelDefinition("c1", "toy", channelOptions)),
                List.of(
                    new SourceDefinition(
                        "r1", "toy", sources, List.of(), new ToFirst(), List.of("c1"))),
                List.of(new SinkDefinition("k1", "toy", sinks, "c1", 10))),
            new Supervision(stuckAfter, Duration.ofSeconds(60), outOfMemory::set));
    agent.start();
  }

  @AfterEach
  void stop() {
    sinks.holdsStop.countDown();
    if (agent != null) {
      agent.stop(Duration.ofSeconds(2));
    }
  }

  private ComponentStatus status(String component) {
    return agent.statuses().stream()
        .filter(status -> status.component().equals(component))
        .findFirst()
        .orElseThrow();
  }

  private void awaitState(String component, State state) {
    await().untilAsserted(() -> assertThat(status(component).state()).isEqualTo(state));
  }

  private long metric(String component, String name) {
    return Long.parseLong(agent.metrics().snapshot().get(component).get(name));
  }

  @Test
  void aSinkWhoseThreadDiesIsBuiltAnewAndDeliversAgain() {
    run();
    sinks.last().toy.answer = sinks.last().toy::keepOpen;
    sources.last().output().emit(ToySource.numbered(0, 5));
    await().untilAsserted(() -> assertThat(sinks.last().toy.open).hasSize(1));

    sinks.last().dieBy(new StackOverflowError("defect"));

    // The delivery that nobody will ever answer goes to the new sink.
    await().untilAsserted(() -> assertThat(sinks.delivered()).isEqualTo(5));
    assertThat(sinks.built).hasSize(2);
    assertThat(sinks.built.get(0).toy.stopped).isTrue();
    assertThat(metric("SINK.k1", "RestartCount")).isEqualTo(1);
    awaitState("SINK.k1", State.RUNNING);
    assertThat(status("SOURCE.r1").state()).isEqualTo(State.RUNNING);
  }

  @Test
  void aSinkThatFailsTwiceIsRestartedTwice() {
    run();
    sinks.last().context.failed(new IllegalStateException("first"));
    await().untilAsserted(() -> assertThat(sinks.built).hasSize(2));
    awaitState("SINK.k1", State.RUNNING);
    sinks.last().context.failed(new InvariantViolation("second"));
    await().untilAsserted(() -> assertThat(sinks.built).hasSize(3));
    awaitState("SINK.k1", State.RUNNING);

    sources.last().output().emit(ToySource.numbered(0, 5));
    await().untilAsserted(() -> assertThat(sinks.delivered()).isEqualTo(5));
    assertThat(metric("SINK.k1", "RestartCount")).isEqualTo(2);
  }

  @Test
  void aSinkThatFailsInItsStopIsRestartedAllTheSame() {
    sinks.stopFailure = new IllegalStateException("cannot stop either");
    run();
    sinks.last().context.failed(new IllegalStateException("defect"));
    await().untilAsserted(() -> assertThat(sinks.built).hasSize(2));
    awaitState("SINK.k1", State.RUNNING);
  }

  @Test
  void aRestartThatFailsIsTriedWithTheSameSink() {
    run();
    sinks.startFailures.set(1);
    sinks.last().context.failed(new IllegalStateException("defect"));
    await().untilAsserted(() -> assertThat(sinks.last().toy.starts).isEqualTo(2));
    awaitState("SINK.k1", State.RUNNING);
    assertThat(sinks.built).hasSize(2);
  }

  @Test
  void theReplacedSinkNoLongerSpeaksForTheNewOne() {
    run();
    Sinks.Built first = sinks.last();
    first.context.failed(new IllegalStateException("defect"));
    await().untilAsserted(() -> assertThat(sinks.built).hasSize(2));
    awaitState("SINK.k1", State.RUNNING);
    first.context.failed(new IllegalStateException("again, from a thread left behind"));
    sources.last().output().emit(ToySource.numbered(0, 5));
    await().untilAsserted(() -> assertThat(sinks.delivered()).isEqualTo(5));
    assertThat(sinks.built).hasSize(2);
  }

  @Test
  void aSourceThatFailsGetsItsOutputAgainAndTheOldOneIsRefused() {
    run();
    Sources.Built first = sources.last();
    first.context().failed(new IllegalStateException("defect"));
    await().untilAsserted(() -> assertThat(sources.built).hasSize(2));
    awaitState("SOURCE.r1", State.RUNNING);

    assertThat(sources.last().output().emit(ToySource.numbered(0, 5)))
        .succeedsWithin(Duration.ofSeconds(60));
    assertThat(first.output().emit(ToySource.numbered(5, 10)))
        .failsWithin(Duration.ofSeconds(60))
        .withThrowableThat()
        .withCauseInstanceOf(TransientException.class);
    await().untilAsserted(() -> assertThat(sinks.delivered()).isEqualTo(5));
  }

  @Test
  void aDurableChannelThatFailsIsRestarted() {
    AtomicReference<ChannelContext> context = new AtomicReference<>();
    channelOptions = channelIn(context);
    run();
    context.get().failed(new IllegalStateException("a lane ended"));
    await().untilAsserted(() -> assertThat(metric("CHANNEL.c1", "RestartCount")).isEqualTo(1));
    awaitState("CHANNEL.c1", State.RUNNING);
    sources.last().output().emit(ToySource.numbered(0, 5));
    await().untilAsserted(() -> assertThat(sinks.delivered()).isEqualTo(5));
  }

  // A restart would lose what only its memory has.
  @Test
  void aChannelInMemoryThatFailsIsSaidAndLeftAsItIs() {
    ToyChannel memory = new ToyChannel(100, false);
    AtomicReference<ChannelContext> context = new AtomicReference<>();
    channelOptions =
        new ChannelOptions() {
          @Override
          public Channel build(ChannelContext given) {
            context.set(given);
            return memory;
          }

          @Override
          public int transactionCapacity() {
            return memory.transactionCapacity();
          }
        };
    run();
    context.get().failed(new IllegalStateException("its timer ended"));
    awaitState("CHANNEL.c1", State.FAILED);
    sources.last().output().emit(ToySource.numbered(0, 5));
    await().untilAsserted(() -> assertThat(sinks.delivered()).isEqualTo(5));
    assertThat(memory.stopped).isFalse();
  }

  @Test
  void aChannelWhoseAnswersAreDefectiveEndsTheCareForNoOther() {
    AtomicReference<ChannelContext> context = new AtomicReference<>();
    channelOptions = channelIn(context);
    run();
    channel.defect = new StackOverflowError("defect");
    context.get().failed(new IllegalStateException("a lane ended"));
    Duration sincePause = Duration.ofMillis(500);
    await().during(sincePause).until(() -> agent.sinceLastTurn().compareTo(sincePause) < 0);
    sinks.last().context.failed(new IllegalStateException("another defect"));

    await().untilAsserted(() -> assertThat(sinks.built).hasSize(2));
    channel.defect = null;
    await().untilAsserted(() -> assertThat(metric("CHANNEL.c1", "RestartCount")).isEqualTo(1));
    awaitState("CHANNEL.c1", State.RUNNING);
  }

  private ChannelOptions channelIn(AtomicReference<ChannelContext> context) {
    return new ChannelOptions() {
      @Override
      public Channel build(ChannelContext given) {
        context.set(given);
        return channel;
      }

      @Override
      public int transactionCapacity() {
        return channel.transactionCapacity();
      }
    };
  }

  @Test
  void aComponentThatIsOutOfMemoryIsToldToWhoeverEndsTheProcess() {
    run();
    sinks.last().dieBy(new OutOfMemoryError("provoked"));
    await().untilAsserted(() -> assertThat(outOfMemory.get()).hasMessage("provoked"));
  }

  @Test
  void aDeliveryThatEndsByOutOfMemoryIsToldToo() {
    run();
    sinks.last().toy.answer =
        batch -> CompletableFuture.failedFuture(new OutOfMemoryError("provoked"));
    sources.last().output().emit(ToySource.numbered(0, 5));
    await().untilAsserted(() -> assertThat(outOfMemory.get()).hasMessage("provoked"));
  }

  @Test
  void aDeliveryWithoutAnAnswerIsStuckUntilItIsAnswered() {
    stuckAfter = Duration.ofMillis(300);
    run();
    sinks.last().toy.answer = sinks.last().toy::keepOpen;
    sources.last().output().emit(ToySource.numbered(0, 5));

    awaitState("SINK.k1", State.STUCK);
    assertThat(status("SINK.k1").detail()).contains("a delivery");
    assertThat(metric("SINK.k1", "OldestDeliveryMillis")).isGreaterThanOrEqualTo(300);
    assertThat(metric("SINK.k1", "ComponentState")).isEqualTo(State.STUCK.ordinal());

    sinks.last().toy.open.get(0).complete(Outcome.delivered());
    awaitState("SINK.k1", State.RUNNING);
    assertThat(metric("SINK.k1", "OldestDeliveryMillis")).isZero();
    assertThat(sinks.built).hasSize(1);
  }

  @Test
  void anEmitThatAChannelWithRoomDoesNotAnswerIsStuck() {
    stuckAfter = Duration.ofMillis(300);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    channel.answer = answer;
    run();
    sources.last().output().emit(ToySource.numbered(0, 5));

    awaitState("SOURCE.r1", State.STUCK);
    assertThat(status("SOURCE.r1").detail()).contains("channel c1 has room");
    answer.complete(null);
    awaitState("SOURCE.r1", State.RUNNING);
  }

  @Test
  void anEmitThatWaitsForAFullChannelIsNotStuck() {
    stuckAfter = Duration.ofMillis(300);
    CompletableFuture<Void> answer = new CompletableFuture<>();
    channel.answer = answer;
    channel.isFull = true;
    run();
    sources.last().output().emit(ToySource.numbered(0, 5));

    await().untilAsserted(() -> assertThat(status("SOURCE.r1").detail()).contains("c1 is full"));
    assertThat(status("SOURCE.r1").state()).isEqualTo(State.RUNNING);
    answer.complete(null);
    await().untilAsserted(() -> assertThat(status("SOURCE.r1").detail()).isEmpty());
  }

  @Test
  void aStopThatHangsIsStuckAndHoldsUpNoOtherComponent() {
    stuckAfter = Duration.ofMillis(300);
    sinks.holdsStop = new CountDownLatch(1);
    run();
    sinks.last().context.failed(new IllegalStateException("defect"));

    awaitState("SINK.k1", State.STUCK);
    assertThat(status("SINK.k1").detail()).contains("its stop");
    sources.last().context().failed(new IllegalStateException("another defect"));
    await().untilAsserted(() -> assertThat(sources.built).hasSize(2));
    awaitState("SOURCE.r1", State.RUNNING);
    await().until(() -> agent.sinceLastTurn().compareTo(Duration.ofSeconds(5)) < 0);
    sinks.holdsStop.countDown();
    awaitState("SINK.k1", State.RUNNING);
  }

  @Test
  void aLimitThatIsNoNumberIsAnswered() {
    assertThatThrownBy(() -> Supervision.of(name -> "soon", error -> {}))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("millrace.stuck.seconds=soon");
  }
}
