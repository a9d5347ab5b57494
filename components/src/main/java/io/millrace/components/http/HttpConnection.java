/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.millrace.api.EventBatch;
import io.millrace.components.http.Pauses.Pause;
import io.millrace.rpc.proxy.ProxyListener;
import io.millrace.rpc.session.Peer;
import io.millrace.rpc.transport.ConnectionClock;
import io.millrace.rpc.transport.InFlightBudget;
import io.millrace.rpc.transport.LastAnswers;
import io.millrace.rpc.transport.LoopTasks;
import io.millrace.rpc.transport.ServerLimits;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One connection: requests in, an answer to each in their order. Several may be in flight where the
 * client does not wait for answers. Confined to the event loop of its channel but for {@link
 * #resume}, {@link #stop}, {@link #abandon}, {@link #closeForBudget} and what they read.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter
    implements InFlightBudget.Reader, InFlightBudget.HalfReceived, ProxyListener {
  /** Its name in the pipeline of its channel. */
  static final String HANDLER = "connection";

  /** What a request takes beside its events, about. */
  private static final int REQUEST_OVERHEAD_BYTES = 1024;

  private final HttpServer server;
  private final ServerLimits limits;
  private final ConnectionClock clock;
  private final Answers answers = new Answers();
  private final LastAnswers lastAnswers;
  private final Pauses pauses;
  private final RequestReceiver receiver;

  private ChannelHandlerContext context;
  private InetSocketAddress client;
  private String clientHost = "";
  private boolean isAdmitted;
  private boolean isClosing;
  private boolean readsNoMore;
  private boolean isReadingNow;
  private boolean flushWanted;
  private boolean isRetiring;
  private long bytesInFlight;
  private ScheduledFuture<?> checks;

  HttpConnection(HttpServer server) {
    this.server = server;
    this.limits = server.limits();
    this.clock = new ConnectionClock(limits, System.nanoTime(), ThreadLocalRandom.current());
    this.lastAnswers = new LastAnswers(clock);
    this.pauses = new Pauses(clock);
    this.receiver = new RequestReceiver(server, this, clock);
  }

  /** Bytes have come, which the decoder looks at now. */
  void reading() {
    isReadingNow = true;
  }

  RequestDecoder decoder() {
    return receiver.decoder();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    pauses.of(ctx.channel());
    client = (InetSocketAddress) ctx.channel().remoteAddress();
    isAdmitted = server.admit(this, client);
    if (!isAdmitted) {
      isClosing = true;
      ctx.close();
      return;
    }
    long interval = limits.checkIntervalNanos();
    checks =
        ctx.executor()
            .scheduleWithFixedDelay(this::checkTimes, interval, interval, TimeUnit.NANOSECONDS);
    if (!server.awaitsHeader(client)) {
      clientKnown(client, () -> {});
    }
    ctx.fireChannelActive();
  }

  @Override
  public void clientKnown(InetSocketAddress address, Runnable goOn) {
    if (isClosing) {
      return;
    }
    if (!address.getAddress().equals(client.getAddress())
        && !server.readmit(this, client, address)) {
      isClosing = true;
      context.close();
      return;
    }
    client = address;
    clientHost = Peer.hostOf(address);
    server.addLayers(context.pipeline(), this);
    goOn.run();
  }

  @Override
  public void headerFailed(Fault fault) {
    server.counters().proxyHeaderFailed(fault);
    closeWith(fault.text());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    isClosing = true;
    if (isAdmitted) {
      checks.cancel(false);
      receiver.drop();
      server.closed(this, client);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!isClosing && !readsNoMore) {
        receiver.take((HttpObject) message);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** The request cannot be read to its end, so that nothing behind it can be found. */
  void refuse(Refusal refusal, boolean isHead) {
    server.intake().refused(refusal, String.valueOf(client));
    answers.known(answers.add(isHead, false), Optional.of(refusal));
    endReading();
    writeAnswers();
  }

  /** A request has come to its end. */
  void complete(RequestReceiver.Incoming request) {
    boolean isKept = HttpUtil.isKeepAlive(request.head());
    Answers.Place place = answers.add(request.isHead(), isKept);
    server.budget().frameEnded(this);
    if (!isKept) {
      endReading();
    }
    HttpIntake.Read read =
        request.refusal().isPresent()
            ? new HttpIntake.Read(EventBatch.EMPTY, request.refusal())
            : server
                .intake()
                .read(request.head(), request.body().array(), request.body().bytes(), clientHost);
    request.body().release();
    receiver.charge();
    Optional<Refusal> refusal = read.refusal();
    if (refusal.isPresent()) {
      server.intake().refused(refusal.get(), String.valueOf(client));
      if (refusal.get().endsConnection()) {
        endReading();
      }
      answers.known(place, refusal);
      writeAnswers();
    } else {
      store(place, read.batch());
    }
  }

  private void store(Answers.Place place, EventBatch batch) {
    long takenBytes = (long) batch.encodedBytes() + REQUEST_OVERHEAD_BYTES;
    server.budget().began(takenBytes);
    bytesInFlight += takenBytes;
    server
        .intake()
        .store(batch)
        .thenAccept(
            refusal -> {
              server.budget().ended(takenBytes);
              onLoop(() -> stored(place, takenBytes, refusal));
            });
    pauseAtOwnLimit();
  }

  private void stored(Answers.Place place, long takenBytes, Optional<Refusal> refusal) {
    bytesInFlight -= takenBytes;
    if (isClosing) {
      return;
    }
    answers.known(place, refusal);
    pauseAtOwnLimit();
    writeAnswers();
  }

  private void pauseAtOwnLimit() {
    pauses.set(
        Pause.OWN_LIMIT,
        bytesInFlight > limits.maxBytesPerConnection()
            || answers.count() >= limits.maxRequestsPerConnection());
  }

  private void writeAnswers() {
    Optional<Answers.Place> next = answers.next();
    while (next.isPresent()) {
      Answers.Place place = next.get();
      boolean isKept = place.isKept() && !(readsNoMore && answers.isEmpty());
      write(Reply.of(place, server.date(), isKept));
      next = answers.next();
    }
    continueIfNext();
    closeIfDone();
  }

  /** Tells a client that waits for it to send its body; answers of earlier requests go first. */
  void continueIfNext() {
    if (answers.isEmpty() && receiver.takeContinue()) {
      write(Reply.CONTINUE);
    }
  }

  private void write(byte[] bytes) {
    context.write(Unpooled.wrappedBuffer(bytes), context.voidPromise());
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
    if (isClosing) {
      return;
    }
    receiver.charge();
    if (!readsNoMore) {
      pauses.set(Pause.SHARED_BUDGET, !server.budget().mayRead(this, receiver.isMidRequest()));
      retireIfBetweenRequests();
    }
    leaveBudgetIfDone();
    closeIfDone();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!isClosing) {
      clock.answersUnread(System.nanoTime());
      pauses.set(Pause.CLIENT_READS_NOTHING, !ctx.channel().isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess() && !isClosing) {
      server.counters().closedTls.increment();
      closeWith("TLS handshake failed: " + done.cause().getClass().getSimpleName());
    } else if (event instanceof ChannelInputShutdownEvent && !isClosing && !readsNoMore) {
      SslHandler tls = ctx.pipeline().get(SslHandler.class);
      if (tls != null && !tls.handshakeFuture().isDone()) {
        ctx.close();
        return;
      }
      // The client sends no more, and may well wait for its answers.
      receiver.drop();
      endReading();
      closeIfDone();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (isClosing) {
      return;
    }
    if (cause instanceof DecoderException) {
      closeWith("bytes cannot be unwrapped: " + cause.getClass().getSimpleName());
    } else if (cause instanceof IOException) {
      isClosing = true;
      ctx.close();
    } else {
      server.failed(says("closed after a failure of ours"), cause);
      isClosing = true;
      ctx.close();
    }
  }

  private void checkTimes() {
    long now = System.nanoTime();
    if (isClosing) {
      if (lastAnswers.giveUpIfUnread(context, now)) {
        server.counters().closedUnread.increment();
      }
      return;
    }
    if (pauses.contains(Pause.CLIENT_READS_NOTHING) && clock.isUnreadTooLong(now)) {
      server.counters().closedUnread.increment();
      closeWith("its answers were not read for " + limits.frameGrace().toMillis() + " ms");
      return;
    }
    if (clock.isOldEnough(now)) {
      isRetiring = true;
      retireIfBetweenRequests();
    }
    if (!pauses.isEmpty()) {
      return;
    }
    Optional<String> slowness =
        receiver.isMidRequest() ? clock.slowness(now, receiver.receivedBytes()) : Optional.empty();
    if (slowness.isPresent()) {
      server.counters().closedSlow.increment();
      closeWith(slowness.get());
    } else if (!receiver.isMidRequest() && answers.isEmpty() && clock.isIdleTooLong(now)) {
      server.counters().closedIdle.increment();
      isClosing = true;
      context.close();
    }
  }

  /** Between two requests an old connection is read no more; it ends after its last answer. */
  private void retireIfBetweenRequests() {
    if (isRetiring && !receiver.isMidRequest() && !readsNoMore) {
      server.counters().closedAge.increment();
      endReading();
      closeIfDone();
    }
  }

  private void endReading() {
    readsNoMore = true;
    pauses.set(Pause.ENDING, true);
    leaveBudgetIfDone();
  }

  /** Whoever is read no more is in nobody's way, though its last answers are yet to come. */
  private void leaveBudgetIfDone() {
    if (readsNoMore && !isReadingNow) {
      server.budget().forget(this);
    }
  }

  private void closeWith(String problem) {
    isClosing = true;
    server.log().warn(says("connection closed: " + problem));
    context.close();
  }

  private String says(String what) {
    return server.name() + ": client " + client + ": " + what;
  }

  private void closeIfDone() {
    if (readsNoMore && answers.isEmpty() && !isClosing && !isReadingNow) {
      isClosing = true;
      receiver.drop();
      lastAnswers.flush(context);
    }
  }

  @Override
  public void resume() {
    onLoop(
        () -> {
          if (!isClosing && !readsNoMore) {
            pauses.set(
                Pause.SHARED_BUDGET, !server.budget().mayRead(this, receiver.isMidRequest()));
          }
        });
  }

  @Override
  public int halfReceivedBytes() {
    return receiver.heldBytes();
  }

  @Override
  public long beganNanos() {
    return receiver.beganNanos();
  }

  @Override
  public void closeForBudget() {
    onLoop(
        () -> {
          if (!isClosing && halfReceivedBytes() > 0) {
            server.counters().closedBudget.increment();
            closeWith("it is half-received, as all that fills the budget of the server");
          }
        });
  }

  /** Reads no more; refuses what is half-received; closes once everything is answered. */
  void stop() {
    onLoop(
        () -> {
          if (isClosing || readsNoMore) {
            return;
          }
          if (receiver.isMidRequest()) {
            receiver.drop();
            Refusal stopping =
                Refusal.ending(SERVICE_UNAVAILABLE, "the agent stops; send the request again");
            answers.known(answers.add(false, false), Optional.of(stopping));
          }
          endReading();
          writeAnswers();
        });
  }

  /** Closes without an answer to what is in flight, for what becomes of that is not known. */
  void abandon() {
    onLoop(
        () -> {
          if (!isClosing) {
            answers.clear();
            endReading();
            closeIfDone();
          }
        });
  }

  private void onLoop(Runnable task) {
    if (!LoopTasks.run(context, task)) {
      // The event loop has ended, and with it the connection; nobody waits for an answer.
      server.log().warn(says("answer after the end of the server is dropped"));
    }
  }
}
