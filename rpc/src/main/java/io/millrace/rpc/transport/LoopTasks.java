/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.RejectedExecutionException;

/** Runs tasks of a connection on its event loop. Stateless. */
public final class LoopTasks {
  private LoopTasks() {}

  /** At once when called by the event loop itself. False when the loop has ended. */
  public static boolean run(ChannelHandlerContext context, Runnable task) {
    if (context.executor().inEventLoop()) {
      task.run();
      return true;
    }
    try {
      context.executor().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
