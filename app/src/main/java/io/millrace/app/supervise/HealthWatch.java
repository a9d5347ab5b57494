/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Counts the misses of one agent's health check. Confined to the supervisor's thread. */
final class HealthWatch {
  private final HealthCheck check;
  private final SuperviseOptions options;
  private CompletableFuture<HealthCheck.Answer> question;
  private long nextNanos = System.nanoTime();
  private int misses;
  private boolean hasAnswered;
  private String remark = "";

  HealthWatch(HealthCheck check, SuperviseOptions options) {
    this.check = check;
    this.options = options;
  }

  /** Whether it has answered once. */
  boolean hasAnswered() {
    return hasAnswered;
  }

  /** What is odd about its answers, or empty. */
  String remark() {
    return remark;
  }

  /**
   * Asks when it is time to; never waits.
   *
   * @return why the agent is to be given up, if it is
   */
  Optional<String> look(Duration life) {
    long now = System.nanoTime();
    if (question == null) {
      if (now - nextNanos >= 0) {
        nextNanos = now + options.healthInterval().toNanos();
        question = check.ask();
      }
      return Optional.empty();
    }
    if (!question.isDone()) {
      return Optional.empty();
    }
    HealthCheck.Answer answer = question.join();
    question = null;
    return settle(answer, life);
  }

  private Optional<String> settle(HealthCheck.Answer answer, Duration life) {
    if (answer.isAlive()) {
      hasAnswered = true;
      misses = 0;
      remark = answer.problem();
      return Optional.empty();
    }
    misses++;
    if (!hasAnswered) {
      return life.compareTo(options.startGrace()) < 0
          ? Optional.empty()
          : Optional.of(
              "no answer within "
                  + options.startGrace().toSeconds()
                  + " s of its start ("
                  + answer.problem()
                  + ")");
    }
    return misses < options.healthMisses()
        ? Optional.empty()
        : Optional.of(misses + " health checks failed in a row (" + answer.problem() + ")");
  }
}
