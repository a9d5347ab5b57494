/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

/** A thread of a client, told from those of the application by its class. */
final class ClientThread extends Thread {
  ClientThread(Runnable task, String name) {
    super(task, name);
    setDaemon(true);
  }

  static boolean isCurrent() {
    return Thread.currentThread() instanceof ClientThread;
  }
}
