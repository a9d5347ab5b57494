/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Backoff;
import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EmitWindowTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final List<String> told = new ArrayList<>();
  private final List<String> sent = new ArrayList<>();
  private final List<CompletableFuture<Void>> answers = new ArrayList<>();
  private int wakes;

  private final EmitWindow<String> window =
      new EmitWindow<>(
          new Output() {
            @Override
            public CompletableFuture<Void> emit(EventBatch batch) {
              sent.add(batch.iterator().next().bodyText());
              answers.add(new CompletableFuture<>());
              return answers.get(answers.size() - 1);
            }

            @Override
            public long maxBatchBytes() {
              return Long.MAX_VALUE;
            }
          },
          3,
          new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5)),
          new Random(1),
          () -> wakes++,
          new EmitWindow.Listener<>() {
            @Override
            public void accepted(String tag, EventBatch batch) {
              told.add("accepted " + tag);
            }

            @Override
            public void rejected(String tag, EventBatch batch, RejectedException reason) {
              told.add("rejected " + tag);
            }

            @Override
            public void failed(String tag, EventBatch batch, Throwable reason) {
              told.add("failed " + tag);
            }
          });

  private void emit(String tag) {
    window.emit(
        tag, EventBatch.of(Map.of(), tag.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  private void accept(int index) {
    answers.get(index).complete(null);
  }

  private void fail(int index) {
    answers.get(index).completeExceptionally(new ChannelFullException("full"));
  }

  @Test
  void batchesAreToldInTheOrderTheyWereEmitted() {
    emit("a");
    emit("b");
    accept(1);
    window.settle(0);
    assertThat(told).isEmpty();
    accept(0);
    window.settle(0);
    assertThat(told).containsExactly("accepted a", "accepted b");
    assertThat(window.isEmpty()).isTrue();
    assertThat(wakes).isEqualTo(2);
  }

  @Test
  void theWindowIsBounded() {
    emit("a");
    emit("b");
    emit("c");
    assertThat(window.hasRoom()).isFalse();
    assertThatThrownBy(() -> emit("d")).hasMessageContaining("batches: 3 (expected: less than 3");
  }

  @Test
  void failedBatchesAreTriedAgainInOrderAndAcceptedOnesAreNotSentTwice() {
    emit("a");
    emit("b");
    emit("c");
    fail(0);
    fail(2);
    window.settle(0);
    assertThat(window.hasRoom()).isFalse();
    assertThat(window.nanosUntilRetry(0)).isEqualTo(Long.MAX_VALUE);
    window.settle(10 * SECOND);
    assertThat(sent).as("b is still under way").hasSize(3);
    accept(1);
    window.settle(10 * SECOND);
    window.settle(12 * SECOND);
    assertThat(sent).containsExactly("a", "b", "c", "a");
    accept(3);
    window.settle(13 * SECOND);
    assertThat(sent).containsExactly("a", "b", "c", "a", "c");
    assertThat(told).containsExactly("failed a", "failed c", "accepted a", "accepted b");
    assertThat(window.hasRoom()).isFalse();
    accept(4);
    window.settle(14 * SECOND);
    assertThat(told).endsWith("accepted c");
    assertThat(window.hasRoom()).isTrue();
  }

  @Test
  void pausesGrowWhileABatchFails() {
    emit("a");
    long now = 0;
    for (int i = 0; i < 6; i++) {
      fail(i);
      window.settle(now);
      long pause = window.nanosUntilRetry(now);
      long ceiling = Math.min(5 * SECOND, SECOND << i);
      assertThat(pause).isBetween(ceiling / 2, ceiling);
      window.settle(now + pause - 1);
      assertThat(sent).hasSize(i + 1);
      now += pause;
      window.settle(now);
      assertThat(sent).hasSize(i + 2);
    }
  }

  @Test
  void aClosedWindowSendsNothingAndStillTellsAnswers() {
    emit("a");
    emit("b");
    emit("c");
    fail(1);
    window.settle(0);
    window.close();
    assertThat(window.hasUnanswered()).isTrue();
    accept(0);
    accept(2);
    window.settle(10 * SECOND);
    window.settle(20 * SECOND);
    assertThat(sent).as("b is not tried again").containsExactly("a", "b", "c");
    assertThat(told).containsExactly("failed b", "accepted a");
    assertThat(window.hasUnanswered()).isFalse();
    assertThat(window.isEmpty()).isFalse();
    assertThat(window.nanosUntilRetry(20 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(window.hasRoom()).isFalse();
    assertThatThrownBy(() -> emit("d")).hasMessageContaining("the window is closed");
  }

  @Test
  void rejectedBatchesAreToldAndNotSentAgain() {
    emit("a");
    emit("b");
    answers.get(0).completeExceptionally(new RejectedException("no"));
    accept(1);
    window.settle(0);
    assertThat(told).containsExactly("rejected a", "accepted b");
    assertThat(window.hasRoom()).isTrue();
  }
}
