/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * Notes SIGHUP instead of ending by it. Without the agent's logging, which the supervisor must not
 * set up (see {@link SupervisorLog}). A process that was started with the signal ignored (nohup)
 * leaves it ignored. Safe for many threads.
 */
final class Hangup {
  private final AtomicBoolean isRequested = new AtomicBoolean();

  private Hangup() {}

  static Hangup install() {
    Hangup hangup = new Hangup();
    try {
      Signal.handle(new Signal("HUP"), signal -> hangup.isRequested.set(true));
    } catch (IllegalArgumentException e) {
      // The JVM was told to leave the signal alone (-Xrs): it then ends the process, as ever.
    }
    return hangup;
  }

  /** Whether there was one since the last call. */
  boolean take() {
    return isRequested.getAndSet(false);
  }
}
