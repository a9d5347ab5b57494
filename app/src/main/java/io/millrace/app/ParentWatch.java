/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.util.Optional;

/**
 * Looks whether the process that started this one is still there. When it is gone, however it went,
 * the system gives its children to another parent: that is what is looked at, as nobody tells. Safe
 * for many threads.
 */
final class ParentWatch {
  private static final long LOOK_MILLIS = 500;

  /** What is told when there is no parent in sight, or no file left to look it up with. */
  private static final long UNKNOWN = -1;

  private static final int UNKNOWN_LOOKS = 20;

  private ParentWatch() {}

  /**
   * Begins to look.
   *
   * @param expected id of the parent as that was told by itself; else it is the one now
   * @param isGone called once, on a thread of the watch
   */
  static void start(Optional<Long> expected, Runnable isGone) {
    long parent = expected.orElseGet(ParentWatch::parent);
    Thread thread = new Thread(() -> watch(parent, isGone), "millrace/process/parent");
    thread.setDaemon(true);
    thread.start();
  }

  private static void watch(long parent, Runnable isGone) {
    try {
      int unknown = 0;
      while (unknown < UNKNOWN_LOOKS) {
        long now = parent();
        if (now != parent && now != UNKNOWN) {
          break;
        }
        unknown = now == UNKNOWN ? unknown + 1 : 0;
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    isGone.run();
  }

  private static long parent() {
    return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(UNKNOWN);
  }
}
