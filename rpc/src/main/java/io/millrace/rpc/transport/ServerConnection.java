/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameRejectedException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.MalformedMessageException;
import io.millrace.rpc.session.PendingCall;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.session.ServerExchange;
import io.millrace.rpc.session.ServerTurn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a server: bytes to frames to requests, and their answers back. Confined to the
 * event loop of its channel but for those methods that say otherwise and {@link #resume}, {@link
 * #stop} and {@link #abandon}.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter implements InFlightBudget.Reader {
  /** What a request takes beside its bytes, about. */
  private static final int REQUEST_OVERHEAD_BYTES = 512;

  private final RpcServer server;
  private final ServerLimits limits;
  private final FrameDecoder decoder;
  private final FramePace pace;
  private final ServerExchange exchange;
  private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
  private final OpenCalls open;
  private final long acceptedNanos = System.nanoTime();

  private ChannelHandlerContext context;
  private InetSocketAddress peer;

  /** As messages name it; made once, for many requests. */
  private String peerName;

  private boolean admitted;
  private boolean closing;
  private boolean readsNoMore;
  private boolean isReadingNow;
  private boolean flushWanted;
  private volatile int halfFrameBytes;
  private volatile long frameBeganNanos;
  private long bytesInFlight;
  private long lastReadNanos = acceptedNanos;

  private long unreadSinceNanos;
  private long pausedSinceNanos;
  private ScheduledFuture<?> checks;

  ServerConnection(RpcServer server) {
    this.server = server;
    this.limits = server.limits();
    this.decoder = server.dialect().newDecoder(limits.frames());
    this.pace = new FramePace(limits);
    this.exchange = server.dialect().newExchange();
    this.open = new OpenCalls(server.dialect().answersInOrder(), this::write);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    peer = (InetSocketAddress) ctx.channel().remoteAddress();
    peerName = String.valueOf(peer);
    if (!server.admit(this, peer)) {
      closing = true;
      ctx.close();
      return;
    }
    admitted = true;
    setPaused(Pause.FILTER, true);
    server.filter(peer, accepted -> onLoop(() -> filtered(accepted)));
    scheduleChecks();
    ctx.fireChannelActive();
  }

  private void filtered(boolean accepted) {
    if (closing) {
      return;
    }
    if (accepted) {
      setPaused(Pause.FILTER, false);
    } else {
      closing = true;
      server.refusedByFilter(peer);
      context.close();
    }
  }

  private void scheduleChecks() {
    long interval = limits.checkIntervalNanos();
    checks =
        context
            .executor()
            .scheduleWithFixedDelay(this::checkTimes, interval, interval, TimeUnit.NANOSECONDS);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    if (admitted) {
      checks.cancel(false);
      chargeHalfFrame(0);
      server.closed(this, peer);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    isReadingNow = true;
    try {
      if (!closing && !readsNoMore) {
        lastReadNanos = System.nanoTime();
        read(bytes.nioBuffer());
      }
    } catch (FrameRejectedException e) {
      server.metrics().frameRejected(e.reason());
      refuse(e);
    } catch (MalformedMessageException e) {
      server.metrics().messageMalformed();
      closeWith("message: " + e.getMessage());
    } finally {
      bytes.release();
    }
    if (!closing && !readsNoMore) {
      chargeHalfFrame(decoder.allocatedBytes());
      setPaused(Pause.SHARED_BUDGET, !server.budget().mayRead(this, decoder.isMidFrame()));
    }
  }

  private void read(ByteBuffer bytes) throws FrameRejectedException, MalformedMessageException {
    boolean wasMidFrame = decoder.isMidFrame();
    for (Frame frame = decoder.decode(bytes); frame != null; frame = decoder.decode(bytes)) {
      wasMidFrame = false;
      take(frame);
    }
    if (!wasMidFrame && decoder.isMidFrame()) {
      frameBeganNanos = lastReadNanos;
      pace.frameBegan(lastReadNanos);
    }
  }

  /**
   * A request that is too large is answered, for its sender would else send it again and again; as
   * nothing behind it can be found in the stream, the connection ends.
   */
  private void refuse(FrameRejectedException e) {
    Optional<byte[]> answer =
        e.reason() == FrameRejectedException.Reason.TOO_LARGE
            ? exchange.refusal(e.beginning(), "Request refused: " + e.getMessage())
            : Optional.empty();
    if (answer.isEmpty()) {
      closeWith(e.getMessage());
      return;
    }
    server.log().warn(says("connection closed: " + e.getMessage()));
    server.budget().frameEnded(this);
    chargeHalfFrame(0);
    open.answer(open.add(), answer.get());
    // What is in flight on the connection is answered first.
    readsNoMore = true;
    setPaused(Pause.STOPPING, true);
  }

  private void take(Frame frame) throws MalformedMessageException {
    server.budget().frameEnded(this);
    ServerTurn turn = exchange.accept(frame);
    if (turn instanceof ServerTurn.Execute execute) {
      execute(execute.request(), execute.call(), frame.array().length);
    } else if (turn instanceof ServerTurn.Negotiate negotiate) {
      write(negotiate.frame());
    } else if (turn instanceof ServerTurn.Refuse refuse) {
      server.metrics().requestRefused(refuse.reason());
      server.log().warn(says("request refused: " + refuse.problem()));
      open.answer(open.add(), refuse.frame());
      setPaused(Pause.OWN_LIMIT, isOverOwnLimit());
    }
  }

  private void execute(Request request, PendingCall call, int requestBytes) {
    long bytes = (long) requestBytes + REQUEST_OVERHEAD_BYTES;
    server.budget().began(bytes);
    bytesInFlight += bytes;
    OpenCalls.Place place = open.add();
    setPaused(Pause.OWN_LIMIT, isOverOwnLimit());
    CompletableFuture<Answer> answer;
    try {
      answer =
          server.handler().handle(request.metadata().isEmpty() ? request : request.from(peerName));
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete(
        (value, failure) -> {
          server.budget().ended(bytes);
          onLoop(() -> answered(place, call, bytes, value, failure));
        });
  }

  private void answered(
      OpenCalls.Place place, PendingCall call, long bytes, Answer answer, Throwable failure) {
    bytesInFlight -= bytes;
    if (closing || !open.contains(place)) {
      return;
    }
    if (failure != null) {
      server.handlerFailed(says("request failed, answered FAILED"), failure);
    }
    open.answer(place, call.answer(failure == null ? answer : Answer.Status.FAILED));
    setPaused(Pause.OWN_LIMIT, isOverOwnLimit());
    closeIfDone();
  }

  private boolean isOverOwnLimit() {
    return bytesInFlight > limits.maxBytesPerConnection()
        || open.size() >= limits.maxRequestsPerConnection();
  }

  private void write(byte[] frame) {
    if (frame.length == 0) {
      return;
    }
    context.write(Unpooled.wrappedBuffer(frame), context.voidPromise());
    if (isReadingNow) {
      flushWanted = true;
    } else {
      context.flush();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    isReadingNow = false;
    if (flushWanted) {
      flushWanted = false;
      ctx.flush();
    }
    closeIfDone();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!closing) {
      unreadSinceNanos = System.nanoTime();
      setPaused(Pause.PEER_READS_NOTHING, !ctx.channel().isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess() && !closing) {
      server.metrics().connectionsClosedTls.increment();
      closeWith("TLS handshake failed: " + tls.cause().getClass().getSimpleName());
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (closing) {
      return;
    }
    if (cause instanceof DecoderException) {
      server.metrics().messageMalformed();
      closeWith("bytes cannot be unwrapped: " + cause.getClass().getSimpleName());
    } else if (cause instanceof IOException) {
      closing = true;
      ctx.close();
    } else {
      server.handlerFailed(says("closed after a failure of ours"), cause);
      closing = true;
      ctx.close();
    }
  }

  private void setPaused(Pause pause, boolean isPaused) {
    boolean wasPaused = !pauses.isEmpty();
    if (!(isPaused ? pauses.add(pause) : pauses.remove(pause))) {
      return;
    }
    if (!wasPaused) {
      pausedSinceNanos = System.nanoTime();
      context.channel().config().setAutoRead(false);
    } else if (pauses.isEmpty()) {
      // Time in which nothing was read is not the peer's slowness.
      long pausedNanos = System.nanoTime() - pausedSinceNanos;
      pace.paused(pausedNanos);
      lastReadNanos += pausedNanos;
      context.channel().config().setAutoRead(true);
    }
  }

  private void chargeHalfFrame(int bytes) {
    if (bytes != halfFrameBytes) {
      int more = bytes - halfFrameBytes;
      halfFrameBytes = bytes;
      server.budget().adjust(more);
    }
  }

  private void checkTimes() {
    if (closing) {
      return;
    }
    long now = System.nanoTime();
    if (pauses.contains(Pause.PEER_READS_NOTHING)
        && now - unreadSinceNanos > limits.frameGrace().toNanos()) {
      server.metrics().connectionsClosedUnread.increment();
      closeWith("its answers were not read for " + limits.frameGrace().toMillis() + " ms");
      return;
    }
    if (!pauses.isEmpty()) {
      return;
    }
    Optional<String> slowness =
        decoder.isMidFrame() ? pace.slowness(now, decoder.receivedBytes()) : Optional.empty();
    if (slowness.isPresent()) {
      server.metrics().connectionsClosedSlow.increment();
      closeWith(slowness.get());
    } else if (!exchange.isEstablished()
        && now - acceptedNanos > limits.handshakeTimeout().toNanos()) {
      server.metrics().connectionsClosedHandshakeTimeout.increment();
      closeWith("no request within " + limits.handshakeTimeout().toMillis() + " ms");
    } else if (!limits.idleTimeout().isZero()
        && open.isEmpty()
        && now - lastReadNanos > limits.idleTimeout().toNanos()) {
      server.metrics().connectionsClosedIdle.increment();
      closing = true;
      context.close();
    }
  }

  private void closeWith(String problem) {
    closing = true;
    server.log().warn(says("connection closed: " + problem));
    context.close();
  }

  private String says(String what) {
    return server.name() + ": peer " + peer + ": " + what;
  }

  private void closeIfDone() {
    if (pauses.contains(Pause.STOPPING) && open.isEmpty() && !closing && !isReadingNow) {
      closing = true;
      chargeHalfFrame(0);
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this::flushed);
    }
  }

  private void flushed(Future<?> lastAnswer) {
    if (lastAnswer.isSuccess()) {
      OrderlyClose.begin(context.pipeline());
    } else {
      context.close();
    }
  }

  @Override
  public void resume() {
    onLoop(
        () -> {
          if (!closing) {
            setPaused(Pause.SHARED_BUDGET, !server.budget().mayRead(this, decoder.isMidFrame()));
          }
        });
  }

  /** Bytes that a half-received request takes now. Called by any thread. */
  int halfReceivedBytes() {
    return halfFrameBytes;
  }

  /** When the half-received request, if there is one, began. Called by any thread. */
  long frameBeganNanos() {
    return frameBeganNanos;
  }

  /** Closes the connection because its half-received request keeps the others from being read. */
  void closeForBudget() {
    onLoop(
        () -> {
          if (!closing) {
            server.metrics().connectionsClosedBudget.increment();
            closeWith("it is half-received, as all that fills the budget of the server");
          }
        });
  }

  /** Reads no more; closes once everything in flight is answered. */
  void stop() {
    onLoop(
        () -> {
          if (!closing) {
            setPaused(Pause.STOPPING, true);
            closeIfDone();
          }
        });
  }

  /**
   * Closes without an answer to what is in flight. What becomes of that is not known, it may well
   * be taken yet; FAILED would deny that.
   */
  void abandon() {
    onLoop(
        () -> {
          if (!closing) {
            open.clear();
            setPaused(Pause.STOPPING, true);
            closeIfDone();
          }
        });
  }

  private void onLoop(Runnable task) {
    if (context.executor().inEventLoop()) {
      task.run();
      return;
    }
    try {
      context.executor().execute(task);
    } catch (RejectedExecutionException e) {
      // The event loop has ended, and with it the connection; nobody waits for an answer.
      server.log().warn(says("answer after the end of the server is dropped"));
    }
  }
}
