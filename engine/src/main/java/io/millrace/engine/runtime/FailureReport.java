/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.InvariantViolation;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Where one built component says that it failed; the first failure counts. Each time the component
 * is built it gets a report of its own, so that a late thread of the one before does not speak for
 * it. Safe for many threads.
 */
final class FailureReport {
  private final Consumer<OutOfMemoryError> outOfMemory;
  private final AtomicReference<Throwable> first = new AtomicReference<>();

  FailureReport(Consumer<OutOfMemoryError> outOfMemory) {
    this.outOfMemory = outOfMemory;
  }

  /** The component cannot go on. */
  void failed(Throwable cause) {
    if (cause instanceof OutOfMemoryError error) {
      outOfMemory.accept(error);
    }
    first.compareAndSet(null, cause);
  }

  /**
   * What a call of the component ended with: an error or a broken invariant fails the component,
   * anything else is the business of whoever called.
   */
  void thrown(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof Error || cause instanceof InvariantViolation) {
      failed(cause);
    }
  }

  /** The first failure, or null. */
  Throwable failure() {
    return first.get();
  }
}
