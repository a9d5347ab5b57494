/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.sim;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** Background work that a test runs when it likes. Confined to the test's thread. */
public final class SimTasks implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** False if there was nothing to run. */
  public boolean runOne() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  public void clear() {
    tasks.clear();
  }
}
