/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameRejectedException;
import io.millrace.rpc.proxy.ProxyListener;
import io.millrace.rpc.session.MalformedMessageException;
import io.millrace.rpc.session.ServerExchange;
import io.millrace.rpc.session.ServerTurn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a server: bytes to frames to requests, and their answers back. Confined to the
 * event loop of its channel but for those methods that say otherwise and {@link #resume}, {@link
 * #stop} and {@link #abandon}.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter
    implements InFlightBudget.Reader, InFlightBudget.HalfReceived, ProxyListener {
  /** Its name in the pipeline of its channel. */
  static final String HANDLER = "connection";

  private final RpcServer server;
  private final ServerLimits limits;
  private final FrameDecoder decoder;
  private final ConnectionClock clock;
  private final LastAnswers lastAnswers;
  private final ConnectionPeer peer;
  private final boolean awaitsHeader;
  private final ServerExchange exchange;
  private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
  private final RequestsInFlight requests;

  private ChannelHandlerContext context;
  private boolean closing;
  private boolean readsNoMore;
  private boolean isReadingNow;
  private boolean flushWanted;
  private volatile int halfFrameBytes;
  private volatile long frameBeganNanos;
  private boolean isRetiring;

  private ScheduledFuture<?> checks;

  /**
   * @param awaitsHeader whether it is told later, as a {@link ProxyListener}, whose connection it
   *     is
   */
  ServerConnection(RpcServer server, boolean awaitsHeader) {
    this.server = server;
    this.awaitsHeader = awaitsHeader;
    this.limits = server.limits();
    this.peer = new ConnectionPeer(server, this);
    this.clock = new ConnectionClock(limits, System.nanoTime(), ThreadLocalRandom.current());
    this.lastAnswers = new LastAnswers(clock);
    this.decoder = server.dialect().newDecoder(limits.frames());
    this.exchange = server.dialect().newExchange();
    this.requests = new RequestsInFlight(server, this, this::write);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    InetSocketAddress remote = (InetSocketAddress) ctx.channel().remoteAddress();
    if (!peer.arrived(remote)) {
      closing = true;
      ctx.close();
      return;
    }
    scheduleChecks();
    if (!awaitsHeader) {
      clientKnown(remote, () -> {});
    }
    ctx.fireChannelActive();
  }

  /** Nothing of what the peer sends is looked at, not even by TLS, before it may stay. */
  @Override
  public void clientKnown(InetSocketAddress client, Runnable goOn) {
    if (closing) {
      return;
    }
    if (!peer.isClient(client)) {
      closing = true;
      context.close();
      return;
    }
    setPaused(Pause.FILTER, true);
    server.filter(client, accepted -> onLoop(() -> filtered(accepted, goOn)));
  }

  private void filtered(boolean accepted, Runnable goOn) {
    if (closing) {
      return;
    }
    if (!accepted) {
      closing = true;
      server.refusedByFilter(peer.text());
      context.close();
      return;
    }
    server.addLayers(context.pipeline());
    setPaused(Pause.FILTER, false);
    goOn.run();
  }

  @Override
  public void headerFailed(Fault fault) {
    server.metrics().proxyHeaderFailed(fault);
    closeWith(fault.text());
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
    if (peer.isAdmitted()) {
      checks.cancel(false);
      chargeHalfFrame(0);
      peer.left();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    isReadingNow = true;
    try {
      if (!closing && !readsNoMore) {
        clock.read(System.nanoTime());
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
      retireIfBetweenFrames();
    }
  }

  private void read(ByteBuffer bytes) throws FrameRejectedException, MalformedMessageException {
    boolean wasMidFrame = decoder.isMidFrame();
    for (Frame frame = decoder.decode(bytes); frame != null; frame = decoder.decode(bytes)) {
      wasMidFrame = false;
      take(frame);
    }
    if (!wasMidFrame && decoder.isMidFrame()) {
      frameBeganNanos = clock.frameBegan();
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
    requests.answer(answer.get());
    // What is in flight on the connection is answered first.
    readsNoMore = true;
    setPaused(Pause.STOPPING, true);
  }

  private void take(Frame frame) throws MalformedMessageException {
    server.budget().frameEnded(this);
    ServerTurn turn = exchange.accept(frame);
    if (turn instanceof ServerTurn.Execute execute) {
      execute(execute, frame.array().length);
    } else if (turn instanceof ServerTurn.Negotiate negotiate) {
      write(negotiate.frame());
    } else if (turn instanceof ServerTurn.Refuse refuse) {
      server.metrics().requestRefused(refuse.reason());
      server.log().warn(says("request refused: " + refuse.problem()));
      requests.answer(refuse.frame());
      setPaused(Pause.OWN_LIMIT, requests.isOverLimit());
    }
  }

  private void execute(ServerTurn.Execute turn, int requestBytes) {
    requests.execute(turn.request().from(peer.sender()), turn.call(), requestBytes);
    setPaused(Pause.OWN_LIMIT, requests.isOverLimit());
  }

  /** A request was answered. */
  void answered() {
    setPaused(Pause.OWN_LIMIT, requests.isOverLimit());
    closeIfDone();
  }

  boolean isClosing() {
    return closing;
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
      clock.answersUnread(System.nanoTime());
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

  /** Whether that is new. */
  private boolean setPaused(Pause pause, boolean isPaused) {
    boolean wasPaused = !pauses.isEmpty();
    if (!(isPaused ? pauses.add(pause) : pauses.remove(pause))) {
      return false;
    }
    if (!wasPaused) {
      clock.paused(System.nanoTime());
      context.channel().config().setAutoRead(false);
    } else if (pauses.isEmpty()) {
      clock.resumed(System.nanoTime());
      context.channel().config().setAutoRead(true);
    }
    return true;
  }

  private void chargeHalfFrame(int bytes) {
    if (bytes != halfFrameBytes) {
      int more = bytes - halfFrameBytes;
      halfFrameBytes = bytes;
      server.budget().adjust(more);
    }
  }

  private void checkTimes() {
    long now = System.nanoTime();
    if (closing) {
      if (lastAnswers.giveUpIfUnread(context, now)) {
        server.metrics().connectionsClosedUnread.increment();
      }
      return;
    }
    if (pauses.contains(Pause.PEER_READS_NOTHING) && clock.isUnreadTooLong(now)) {
      server.metrics().connectionsClosedUnread.increment();
      closeWith("its answers were not read for " + limits.frameGrace().toMillis() + " ms");
      return;
    }
    if (clock.isOldEnough(now)) {
      isRetiring = true;
      retireIfBetweenFrames();
    }
    if (!pauses.isEmpty()) {
      return;
    }
    Optional<String> slowness =
        decoder.isMidFrame() ? clock.slowness(now, decoder.receivedBytes()) : Optional.empty();
    if (slowness.isPresent()) {
      server.metrics().connectionsClosedSlow.increment();
      closeWith(slowness.get());
    } else if (!exchange.isEstablished() && clock.isHandshakeOverdue(now)) {
      server.metrics().connectionsClosedHandshakeTimeout.increment();
      closeWith("no request within " + limits.handshakeTimeout().toMillis() + " ms");
    } else if (requests.isEmpty() && clock.isIdleTooLong(now)) {
      server.metrics().connectionsClosedIdle.increment();
      closing = true;
      context.close();
    }
  }

  /** Between two requests an old connection is read no more; it ends after its last answer. */
  private void retireIfBetweenFrames() {
    if (isRetiring && !decoder.isMidFrame() && setPaused(Pause.STOPPING, true)) {
      server.metrics().connectionsClosedAge.increment();
      closeIfDone();
    }
  }

  private void closeWith(String problem) {
    closing = true;
    server.log().warn(says("connection closed: " + problem));
    context.close();
  }

  String says(String what) {
    return server.name() + ": peer " + peer.text() + ": " + what;
  }

  private void closeIfDone() {
    if (pauses.contains(Pause.STOPPING) && requests.isEmpty() && !closing && !isReadingNow) {
      closing = true;
      chargeHalfFrame(0);
      lastAnswers.flush(context);
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

  @Override
  public int halfReceivedBytes() {
    return halfFrameBytes;
  }

  @Override
  public long beganNanos() {
    return frameBeganNanos;
  }

  @Override
  public void closeForBudget() {
    onLoop(
        () -> {
          if (!closing && halfReceivedBytes() > 0) {
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
            requests.clear();
            setPaused(Pause.STOPPING, true);
            closeIfDone();
          }
        });
  }

  void onLoop(Runnable task) {
    if (!LoopTasks.run(context, task)) {
      // The event loop has ended, and with it the connection; nobody waits for an answer.
      server.log().warn(says("answer after the end of the server is dropped"));
    }
  }
}
