/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Writes warnings that peers can provoke, at most {@link #MAX_LINES_PER_MINUTE}; says how many it
 * left out. Guarded by {@code this}.
 */
public final class BoundedLog {
  static final int MAX_LINES_PER_MINUTE = 10;

  private final Logger logger;
  private long minuteStartNanos = System.nanoTime();
  private int lines;
  private long leftOut;

  public BoundedLog(Logger logger) {
    this.logger = logger;
  }

  /** {@code message} must hold no text of a peer. */
  public synchronized void warn(String message) {
    long now = System.nanoTime();
    if (now - minuteStartNanos >= TimeUnit.MINUTES.toNanos(1)) {
      if (leftOut > 0) {
        logger.warn("{} warnings about connections were left out in the minute before.", leftOut);
      }
      minuteStartNanos = now;
      lines = 0;
      leftOut = 0;
    }
    if (lines < MAX_LINES_PER_MINUTE) {
      lines++;
      logger.warn("{}", message);
    } else {
      leftOut++;
    }
  }
}
