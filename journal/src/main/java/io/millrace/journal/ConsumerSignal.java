/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Lets consumers wait until there may be records. Guarded by {@code lock}. */
final class ConsumerSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition raised = lock.newCondition();
  private long raiseCount;
  private int waiting;

  void raise() {
    lock.lock();
    try {
      raiseCount++;
      if (waiting > 0) {
        raised.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the condition holds; it is looked at again whenever the signal is raised. */
  boolean await(BooleanSupplier condition, long timeoutNanos) throws InterruptedException {
    long left = timeoutNanos;
    while (true) {
      long seen = raiseCount();
      if (condition.getAsBoolean()) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
      lock.lockInterruptibly();
      waiting++;
      try {
        while (raiseCount == seen && left > 0) {
          left = raised.awaitNanos(left);
        }
      } finally {
        waiting--;
        lock.unlock();
      }
    }
  }

  private long raiseCount() {
    lock.lock();
    try {
      return raiseCount;
    } finally {
      lock.unlock();
    }
  }
}
