/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/** Keeps a listener that throws from stopping a lane. Immutable. */
final class GuardedListener implements JournalListener {
  private final JournalListener listener;

  GuardedListener(JournalListener listener) {
    this.listener = listener;
  }

  @Override
  public void onEvent(JournalEvent event) {
    guard(() -> listener.onEvent(event));
  }

  @Override
  public void onSync(int laneIndex, long nanos, long records, long bytes) {
    guard(() -> listener.onSync(laneIndex, nanos, records, bytes));
  }

  private static void guard(Runnable notification) {
    try {
      notification.run();
    } catch (RuntimeException e) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }
}
