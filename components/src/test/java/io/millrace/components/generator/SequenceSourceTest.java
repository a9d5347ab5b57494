/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.generator;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.Source;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SequenceSourceTest {
  private final ToySourceContext context = new ToySourceContext();
  private Source source;

  private void start(int batchSize, long totalEvents) throws Exception {
    source =
        new SequenceOptions(batchSize, totalEvents, Duration.ofMillis(1), Duration.ofMillis(5))
            .build(context);
    source.start();
  }

  @AfterEach
  void stop() throws Exception {
    context.output().release();
    source.stop();
    source.stop();
  }

  private static List<String> numbers(int to) {
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < to; i++) {
      numbers.add(Integer.toString(i));
    }
    return numbers;
  }

  @Test
  void countsInOrderAndStopsAtTheTotal() throws Exception {
    start(7, 100);
    await().until(() -> context.output().bodies().size() >= 100);
    source.stop();
    assertThat(context.output().bodies()).isEqualTo(numbers(100));
    assertThat(context.output().largestBatchEvents()).isEqualTo(7);
  }

  @Test
  void aRefusedBatchIsTriedAgainWithTheSameNumbers() throws Exception {
    context.output().hold();
    start(2, 100);
    await().until(() -> context.output().pending().size() == GeneratorSource.MAX_BATCHES_IN_FLIGHT);
    for (ToyOutput.Pending pending : context.output().pending()) {
      pending.fail(new ChannelFullException("full"));
    }
    context.output().release();
    await()
        .until(
            () -> {
              context.output().release();
              return context.output().bodies().size() >= 100;
            });
    assertThat(context.output().bodies()).isEqualTo(numbers(100));
    assertThat(context.metrics().value("ChannelWriteFail"))
        .isEqualTo(GeneratorSource.MAX_BATCHES_IN_FLIGHT);
  }

  @Test
  void whatIsRefusedDuringAStopIsNotSentAgainBeforeTheNextStart() throws Exception {
    context.output().hold();
    start(2, 2L * GeneratorSource.MAX_BATCHES_IN_FLIGHT);
    await().until(() -> context.output().pending().size() == GeneratorSource.MAX_BATCHES_IN_FLIGHT);
    Thread stopper =
        new Thread(
            () -> {
              try {
                source.stop();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    stopper.start();
    await().until(() -> stopper.getState() == Thread.State.WAITING);
    List<ToyOutput.Pending> pending = context.output().pending();
    pending.get(0).accept();
    for (ToyOutput.Pending refused : pending.subList(1, pending.size())) {
      refused.fail(new ChannelFullException("full"));
    }
    stopper.join();
    assertThat(context.output().emits()).isEqualTo(GeneratorSource.MAX_BATCHES_IN_FLIGHT);
    assertThat(context.output().bodies()).isEqualTo(numbers(2));
    context.output().release();
    source.start();
    await().until(() -> context.output().bodies().size() >= 16);
    assertThat(context.output().bodies()).isEqualTo(numbers(16));
  }

  @Test
  void batchesInFlightAreBounded() throws Exception {
    context.output().hold();
    start(1, Long.MAX_VALUE);
    await().until(() -> context.output().pending().size() == GeneratorSource.MAX_BATCHES_IN_FLIGHT);
    context.output().pending().get(0).accept();
    await().until(() -> context.output().emits() == GeneratorSource.MAX_BATCHES_IN_FLIGHT + 1);
    assertThat(context.output().pending()).hasSize(GeneratorSource.MAX_BATCHES_IN_FLIGHT);
  }
}
