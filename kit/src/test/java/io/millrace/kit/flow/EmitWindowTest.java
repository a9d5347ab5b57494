/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Backoff;
import io.millrace.api.ChannelFullException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
              StringBuilder bodies = new StringBuilder();
              for (EventView event : batch) {
                bodies.append(event.bodyText());
              }
              sent.add(bodies.toString());
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
            public void settled(String tag, EventBatch batch, int rejectedEvents) {
              told.add("settled " + tag + (rejectedEvents == 0 ? "" : " but " + rejectedEvents));
            }

            @Override
            public void rejected(String tag, int index, EventBatch event, RejectedException why) {
              String body = event.iterator().next().bodyText();
              told.add("rejected " + tag + " " + index + " " + body + " " + why.getMessage());
            }

            @Override
            public void failed(String tag, EventBatch batch, Throwable reason) {
              told.add("failed " + tag);
            }
          });

  /** A batch of one event for each letter. */
  private void emit(String letters) {
    EventBatch.Builder batch = EventBatch.builder();
    for (char letter : letters.toCharArray()) {
      batch.add(EncodedHeaders.NONE, new byte[] {(byte) letter});
    }
    window.emit(letters, batch.build());
  }

  private void accept(int index) {
    answers.get(index).complete(null);
  }

  private void reject(int index) {
    answers.get(index).completeExceptionally(new RejectedException("no"));
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
    assertThat(told).containsExactly("settled a", "settled b");
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
    assertThat(told).containsExactly("failed a", "failed c", "settled a", "settled b");
    assertThat(window.hasRoom()).isFalse();
    accept(4);
    window.settle(14 * SECOND);
    assertThat(told).endsWith("settled c");
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
    assertThat(told).containsExactly("failed b", "settled a");
    assertThat(window.hasUnanswered()).isFalse();
    assertThat(window.isEmpty()).isFalse();
    assertThat(window.nanosUntilRetry(20 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(window.hasRoom()).isFalse();
    assertThatThrownBy(() -> emit("d")).hasMessageContaining("the window is closed");
  }

  @Test
  void aRejectedEventIsToldAndNotSentAgain() {
    emit("a");
    emit("b");
    reject(0);
    accept(1);
    window.settle(0);
    assertThat(sent).containsExactly("a", "b");
    assertThat(told).containsExactly("rejected a 0 a no", "settled a but 1", "settled b");
    assertThat(window.hasRoom()).isTrue();
  }

  @Test
  void eventsOfARejectedBatchAreSentOneByOneInOrderSoThatOnlyTheBadOneIsLeftOut() {
    emit("abc");
    emit("de");
    reject(0);
    accept(1);
    window.settle(0);
    assertThat(sent).containsExactly("abc", "de", "a", "b", "c");
    assertThat(told).as("what follows waits").isEmpty();
    assertThat(window.hasUnanswered()).isTrue();
    accept(4);
    window.settle(0);
    accept(2);
    reject(3);
    window.settle(0);
    assertThat(told).containsExactly("rejected abc 1 b no", "settled abc but 1", "settled de");
    assertThat(window.isEmpty()).isTrue();
    assertThat(sent).hasSize(5);
  }

  @Test
  void singleEventsOfARejectedBatchThatFailAreTriedAgainAndTheOthersAreNot() {
    emit("abc");
    reject(0);
    window.settle(0);
    accept(1);
    fail(2);
    fail(3);
    window.settle(0);
    assertThat(told).as("once for the batch").containsExactly("failed abc");
    assertThat(window.hasRoom()).isFalse();
    window.settle(10 * SECOND);
    assertThat(sent).containsExactly("abc", "a", "b", "c", "b", "c");
    reject(4);
    accept(5);
    window.settle(10 * SECOND);
    assertThat(told).containsExactly("failed abc", "rejected abc 1 b no", "settled abc but 1");
    assertThat(window.hasRoom()).isTrue();
  }

  /** Its source brings them again, after a restart perhaps: none of them may count as had. */
  @Test
  void aBatchThatIsRejectedAfterTheWindowWasClosedStaysUnsettled() {
    emit("ab");
    emit("c");
    window.close();
    reject(0);
    reject(1);
    window.settle(10 * SECOND);
    assertThat(sent).containsExactly("ab", "c");
    assertThat(told).containsExactly("failed ab");
    assertThat(window.hasUnanswered()).isFalse();
    assertThat(window.isEmpty()).isFalse();
  }

  /** If its source began it anew, those that the channels have would come twice. */
  @Test
  void aBatchOfWhichSomeEventsAreAcceptedIsBroughtToItsEndThoughTheWindowIsClosed() {
    emit("abc");
    emit("d");
    reject(0);
    fail(1);
    window.settle(0);
    window.settle(10 * SECOND);
    accept(2);
    window.settle(10 * SECOND);
    assertThat(sent).containsExactly("abc", "d", "d", "a", "b", "c");
    accept(3);
    fail(4);
    fail(5);
    window.settle(10 * SECOND);
    window.close();
    assertThat(window.hasUnanswered()).isTrue();
    assertThat(window.nanosUntilRetry(10 * SECOND)).isBetween(1L, 5 * SECOND);
    window.settle(20 * SECOND);
    accept(6);
    accept(7);
    window.settle(20 * SECOND);
    assertThat(sent).endsWith("b", "c");
    assertThat(told).endsWith("settled abc", "settled d");
    assertThat(window.hasUnanswered()).isFalse();
  }

  @Test
  void singleEventsThatWaitAreSentThoughTheWindowIsClosedBesideABatchThatFailed() {
    String many = "x".repeat(EmitWindow.MAX_SINGLES + 1);
    emit(many);
    emit("d");
    reject(0);
    fail(1);
    window.settle(0);
    window.close();
    window.settle(10 * SECOND);
    assertThat(sent).as("as many as may be under way").hasSize(2 + EmitWindow.MAX_SINGLES);
    for (int i = 0; i < EmitWindow.MAX_SINGLES; i++) {
      accept(2 + i);
    }
    window.settle(10 * SECOND);
    assertThat(sent).as("the last one, and not d").hasSize(3 + EmitWindow.MAX_SINGLES);
    accept(2 + EmitWindow.MAX_SINGLES);
    window.settle(10 * SECOND);
    assertThat(told).endsWith("settled " + many);
    assertThat(window.hasUnanswered()).isFalse();
  }
}
