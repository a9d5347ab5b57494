/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.api.EventBatch;
import io.millrace.api.TransientException;
import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameRejectedException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.session.ClientDialect;
import io.millrace.rpc.session.ClientExchange;
import io.millrace.rpc.session.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a client, from connecting to its end; after any failure it is of no more use
 * and every open call fails with that reason. Answers that the server has sent before are taken
 * first, also when sending fails. Several calls may be under way at once. Public methods are safe
 * for many threads; the rest is confined to the event loop.
 */
public final class RpcConnection extends ChannelInboundHandlerAdapter {
  /** How long to read on after sending has failed; a dead connection ends by itself before. */
  private static final long READ_ON_MILLIS = 1000;

  private final ClientDialect dialect;
  private final ClientSettings settings;
  private final EventLoop loop;
  private final FrameDecoder decoder;
  private final ClientExchange session;
  private final CompletableFuture<Void> established = new CompletableFuture<>();
  private final CompletableFuture<Throwable> ended = new CompletableFuture<>();

  /** Calls made before the connection stood. */
  private final Deque<Call> early = new ArrayDeque<>();

  /** When each call under way gives up; in the order of sending, so the first is the next. */
  private final Map<Call, Long> deadlineNanos = new LinkedHashMap<>();

  private ChannelHandlerContext context;
  private boolean closeWhenAnswered;
  private boolean sendingFailed;
  private ScheduledFuture<?> timer;

  RpcConnection(ClientDialect dialect, ClientSettings settings, EventLoop loop) {
    this.dialect = dialect;
    this.settings = settings;
    this.loop = loop;
    this.session = dialect.newExchange(this::write, settings.ordered());
    this.decoder = dialect.newDecoder(settings.answers());
  }

  /** As {@link #call}, of a batch as it stands. */
  public CompletableFuture<Answer> appendBatch(EventBatch batch, Map<String, byte[]> metadata) {
    return call(new Call(batch, metadata));
  }

  /**
   * Makes a call. The future fails with a {@link TransientException} that names the server and the
   * reason; whether the server took the batch is then not known.
   */
  public CompletableFuture<Answer> call(Call call) {
    try {
      loop.execute(() -> submit(call));
    } catch (RejectedExecutionException e) {
      call.answer().completeExceptionally(failure("the client is closed", e));
    }
    // The original is completed on the event loop alone.
    return call.answer().copy();
  }

  /** Completes when the connection stands; fails when it could not be made. */
  public CompletableFuture<Void> established() {
    return established.copy();
  }

  /** Completes with the reason when the connection is of no more use. */
  public CompletableFuture<Throwable> ended() {
    return ended.copy();
  }

  /** Whether further calls are in vain. Calls made before may yet be answered. */
  public boolean isEnded() {
    return ended.isDone() || session.isServerDone();
  }

  /** Closes the connection; open calls fail. Idempotent. */
  public void close() {
    onLoop(() -> end("the connection was closed by this side", null));
  }

  /** Closes the connection once every call made so far is answered. */
  public void closeWhenAnswered() {
    onLoop(
        () -> {
          closeWhenAnswered = true;
          closeIfAnswered();
        });
  }

  private void closeIfAnswered() {
    if (closeWhenAnswered && early.isEmpty() && session.openCalls() == 0) {
      end("the connection was closed by this side", null);
    }
  }

  private void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The event loop has ended: the connection with it.
      ended.complete(e);
    }
  }

  private void submit(Call call) {
    if (ended.isDone()) {
      call.answer()
          .completeExceptionally(new TransientException(ended.join().getMessage(), ended.join()));
    } else if (context == null || sendingFailed) {
      early.add(call);
    } else {
      try {
        session.submit(call);
      } catch (Throwable e) {
        // Out of direct memory, say: the call is under way for the session, yet has no deadline.
        end("cannot send: " + reason(e), e);
      }
    }
  }

  private void write(byte[] head, Call call) {
    if (sendingFailed) {
      // The end, which fails the call, is near.
      return;
    }
    int payloadBytes = call.payloadBytes();
    ByteBuf frame = context.alloc().ioBuffer(head.length + payloadBytes);
    frame.writeBytes(head);
    call.lendPayload((array, offset, length) -> frame.writeBytes(array, offset, length));
    context.writeAndFlush(frame, context.voidPromise());
    deadlineNanos.put(call, System.nanoTime() + settings.requestTimeout().toNanos());
    call.answer().whenComplete((answer, failure) -> deadlineNanos.remove(call));
    if (timer == null) {
      checkDeadlines();
    }
  }

  private void checkDeadlines() {
    timer = null;
    if (deadlineNanos.isEmpty() || ended.isDone()) {
      return;
    }
    long leftNanos = deadlineNanos.values().iterator().next() - System.nanoTime();
    if (leftNanos <= 0) {
      end("no answer within " + settings.requestTimeout().toMillis() + " ms", null);
    } else {
      timer = loop.schedule(this::checkDeadlines, leftNanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Called when no TCP connection came about. */
  void connectFailed(Throwable cause) {
    end("cannot connect: " + reason(cause), cause);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (settings.wrapping().tls().isEmpty()) {
      stand(ctx);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls) {
      if (tls.isSuccess()) {
        stand(ctx);
      } else {
        end("TLS handshake failed: " + reason(tls.cause()), tls.cause());
        ctx.close();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  private void stand(ChannelHandlerContext ctx) {
    context = ctx;
    if (ended.isDone()) {
      ctx.close();
      return;
    }
    established.complete(null);
    for (Call call = early.poll(); call != null; call = early.poll()) {
      session.submit(call);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      ByteBuffer input = bytes.nioBuffer();
      while (!ended.isDone()) {
        Frame frame = decoder.decode(input);
        if (frame == null) {
          break;
        }
        session.received(frame);
      }
      closeIfAnswered();
    } catch (FrameRejectedException | MalformedMessageException e) {
      end("the server's answer is not of the protocol: " + e.getMessage(), e);
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end("the server closed the connection", null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof ChannelOutputShutdownException && !ended.isDone()) {
      if (!sendingFailed) {
        sendingFailed = true;
        Throwable first = cause.getCause() == null ? cause : cause.getCause();
        loop.schedule(() -> end(reason(first), first), READ_ON_MILLIS, TimeUnit.MILLISECONDS);
      }
      return;
    }
    end(reason(cause), cause);
    ctx.close();
  }

  private void end(String reason, Throwable cause) {
    TransientException failure = failure(reason, cause);
    if (!ended.complete(failure)) {
      return;
    }
    established.completeExceptionally(failure);
    if (timer != null) {
      timer.cancel(false);
    }
    if (context != null) {
      context.close();
    }
    for (Call call : session.abandon()) {
      call.answer().completeExceptionally(failure(reason, cause));
    }
    for (Call call = early.poll(); call != null; call = early.poll()) {
      call.answer().completeExceptionally(failure(reason, cause));
    }
  }

  private TransientException failure(String reason, Throwable cause) {
    return new TransientException(
        dialect.serverKind() + " " + settings.target() + ": " + reason, cause);
  }

  private static String reason(Throwable cause) {
    String text = cause.getMessage();
    return text == null ? cause.getClass().getSimpleName() : text;
  }
}
