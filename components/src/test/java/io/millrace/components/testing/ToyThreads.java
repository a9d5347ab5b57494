/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.util.concurrent.ThreadFactory;

/** Threads of components under test. Stateless. */
final class ToyThreads {
  private ToyThreads() {}

  static ThreadFactory named(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
