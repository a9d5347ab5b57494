/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;

/**
 * The end of a connection that is read no more: its last answers go out, then it closes in order. A
 * peer that does not read them is given up by {@link #giveUpIfUnread}. Confined to the event loop.
 */
public final class LastAnswers {
  private final ConnectionClock clock;
  private boolean areUnderWay;

  public LastAnswers(ConnectionClock clock) {
    this.clock = clock;
  }

  /** Flushes what was written and closes once it is with the peer. */
  public void flush(ChannelHandlerContext context) {
    areUnderWay = true;
    clock.answersUnread(System.nanoTime());
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              areUnderWay = false;
              if (written.isSuccess()) {
                OrderlyClose.begin(context.pipeline());
              } else {
                context.close();
              }
            });
  }

  /** Closes the connection, and says so once, when they were not read for too long. */
  public boolean giveUpIfUnread(ChannelHandlerContext context, long nowNanos) {
    if (!areUnderWay || !clock.isUnreadTooLong(nowNanos)) {
      return false;
    }
    areUnderWay = false;
    context.close();
    return true;
  }
}
