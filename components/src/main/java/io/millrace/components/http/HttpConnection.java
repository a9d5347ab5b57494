/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.millrace.api.EventBatch;
import io.millrace.rpc.proxy.ProxyListener;
import io.millrace.rpc.session.Peer;
import io.millrace.rpc.transport.ConnectionClock;
import io.millrace.rpc.transport.InFlightBudget;
import io.millrace.rpc.transport.OrderlyClose;
import io.millrace.rpc.transport.ServerLimits;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One connection: requests in, an answer to each in their order. Several may be in flight where the
 * client does not wait for answers. Confined to the event loop of its channel but for {@link
 * #resume}, {@link #stop}, {@link #abandon}, {@link #closeForBudget} and what they read.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter
    implements InFlightBudget.Reader, ProxyListener {
  /** Its name in the pipeline of its channel. */
  static final String HANDLER = "connection";

  /** What a request takes beside its events, about. */
  private static final int REQUEST_OVERHEAD_BYTES = 1024;

  /** Why it is not read. */
  private enum Pause {
    SHARED_BUDGET,
    OWN_LIMIT,
    CLIENT_READS_NOTHING,
    ENDING
  }

  private final HttpServer server;
  private final ServerLimits limits;
  private final ConnectionClock clock;
  private final Answers answers = new Answers();
  private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
  private final RequestDecoder decoder;

  private ChannelHandlerContext context;
  private InetSocketAddress client;
  private String clientHost = "";
  private boolean isAdmitted;
  private boolean isClosing;
  private boolean readsNoMore;
  private boolean isReadingNow;
  private boolean flushWanted;
  private boolean isRetiring;

  /** The request that is being received, from its head on; null between two. */
  private Incoming incoming;

  /** Of the request that is being received, its head included. */
  private long receivedBytes;

  private long bytesInFlight;
  private volatile int heldBytes;
  private volatile long beganNanos;
  private ScheduledFuture<?> checks;

  /** Confined to the event loop. */
  private static final class Incoming {
    final HttpRequest head;
    final RequestBody body;
    Optional<Refusal> refusal;
    boolean awaitsContinue;

    Incoming(HttpRequest head, RequestBody body, Optional<Refusal> refusal) {
      this.head = head;
      this.body = body;
      this.refusal = refusal;
    }
  }

  HttpConnection(HttpServer server) {
    this.server = server;
    this.limits = server.limits();
    this.clock = new ConnectionClock(limits, System.nanoTime(), ThreadLocalRandom.current());
    this.decoder = new RequestDecoder(server.maxHeaderBytes(), this::received);
  }

  RequestDecoder decoder() {
    return decoder;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
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
      dropIncoming();
      server.closed(this, client);
    }
    ctx.fireChannelInactive();
  }

  /** Told by the decoder before it looks at the bytes. */
  private void received(int bytes) {
    isReadingNow = true;
    clock.read(System.nanoTime());
    if (receivedBytes == 0 && incoming == null) {
      beganNanos = clock.frameBegan();
    }
    receivedBytes += bytes;
  }

  private boolean isMidRequest() {
    return incoming != null || receivedBytes > 0;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!isClosing && !readsNoMore) {
        take((HttpObject) message);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(HttpObject part) {
    if (part.decoderResult().isFailure()) {
      refuse(HeadCheck.broken(part.decoderResult().cause()));
      return;
    }
    if (part instanceof HttpRequest head) {
      begin(head);
    }
    if (part instanceof HttpContent content && incoming != null) {
      if (incoming.refusal.isEmpty() && !incoming.body.add(content.content())) {
        refuse(HeadCheck.tooLong(server.maxBodyBytes()));
        return;
      }
      if (part instanceof LastHttpContent) {
        complete();
      }
    }
  }

  private void begin(HttpRequest head) {
    Optional<Refusal> refusal = HeadCheck.refusal(head, server.maxBodyBytes());
    if (refusal.isPresent() && refusal.get().endsConnection()) {
      incoming = new Incoming(head, server.newBody(0), refusal);
      refuse(refusal.get());
      return;
    }
    incoming = new Incoming(head, server.newBody(HttpUtil.getContentLength(head, -1L)), refusal);
    if (HttpUtil.is100ContinueExpected(head)) {
      if (refusal.isPresent()) {
        // Whether the body comes nevertheless is the client's choice, so the next request is not
        // to be found.
        refuse(Refusal.ending(refusal.get().status(), refusal.get().text()));
        return;
      }
      incoming.awaitsContinue = true;
      continueIfNext();
    }
  }

  /** Answers of earlier requests go first. */
  private void continueIfNext() {
    if (incoming != null && incoming.awaitsContinue && answers.isEmpty()) {
      incoming.awaitsContinue = false;
      write(Reply.CONTINUE);
    }
  }

  /** The request cannot be read to its end, so that nothing behind it can be found. */
  private void refuse(Refusal refusal) {
    server.intake().refused(refusal, text());
    boolean isHead = incoming != null && incoming.head.method().equals(HttpMethod.HEAD);
    dropIncoming();
    answers.known(answers.add(isHead, false), Optional.of(refusal));
    endReading();
    writeAnswers();
  }

  private void complete() {
    Incoming request = incoming;
    incoming = null;
    receivedBytes = decoder.unreadBytes();
    if (receivedBytes > 0) {
      beganNanos = clock.frameBegan();
    }
    boolean isKept = HttpUtil.isKeepAlive(request.head);
    Answers.Place place = answers.add(request.head.method().equals(HttpMethod.HEAD), isKept);
    if (!isKept) {
      endReading();
    }
    Optional<Refusal> refusal = request.refusal;
    EventBatch batch = EventBatch.EMPTY;
    if (refusal.isEmpty()) {
      HttpIntake.Read read =
          server
              .intake()
              .read(request.head, request.body.array(), request.body.bytes(), clientHost);
      refusal = read.refusal();
      batch = read.batch();
    }
    request.body.release();
    charge(0);
    if (refusal.isPresent()) {
      server.intake().refused(refusal.get(), text());
      if (refusal.get().endsConnection()) {
        endReading();
      }
      answers.known(place, refusal);
      writeAnswers();
    } else {
      store(place, batch);
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
    setPaused(
        Pause.OWN_LIMIT,
        bytesInFlight > limits.maxBytesPerConnection()
            || answers.count() >= limits.maxRequestsPerConnection());
  }

  private void writeAnswers() {
    Optional<Answers.Place> next = answers.next();
    while (next.isPresent()) {
      Answers.Place place = next.get();
      write(bytesOf(place));
      next = answers.next();
    }
    continueIfNext();
    closeIfDone();
  }

  private byte[] bytesOf(Answers.Place place) {
    boolean isKept = place.isKept() && !(readsNoMore && answers.isEmpty());
    if (place.refusal().isEmpty()) {
      return Reply.of(OK, server.date(), "", !place.isHead(), isKept);
    }
    Refusal refusal = place.refusal().get();
    return Reply.of(refusal.status(), server.date(), refusal.text(), !place.isHead(), isKept);
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
    charge(incoming == null ? (int) receivedBytes : incoming.body.array().length);
    if (!readsNoMore) {
      setPaused(Pause.SHARED_BUDGET, !server.budget().mayRead(this, isMidRequest()));
      retireIfBetweenRequests();
    }
    closeIfDone();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!isClosing) {
      clock.answersUnread(System.nanoTime());
      setPaused(Pause.CLIENT_READS_NOTHING, !ctx.channel().isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess() && !isClosing) {
      server.counters().closedTls.increment();
      closeWith("TLS handshake failed: " + tls.cause().getClass().getSimpleName());
    } else if (event instanceof ChannelInputShutdownEvent && !isClosing && !readsNoMore) {
      // The client sends no more, and may well wait for its answers.
      dropIncoming();
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

  private void dropIncoming() {
    if (incoming != null) {
      incoming.body.release();
      incoming = null;
    }
    receivedBytes = 0;
    charge(0);
  }

  /** What the request that is being received takes now. */
  private void charge(int bytes) {
    if (bytes != heldBytes) {
      int more = bytes - heldBytes;
      heldBytes = bytes;
      server.budget().adjust(more);
    }
  }

  private void checkTimes() {
    if (isClosing) {
      return;
    }
    long now = System.nanoTime();
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
        isMidRequest()
            ? clock.slowness(now, (int) Math.min(Integer.MAX_VALUE, receivedBytes))
            : Optional.empty();
    if (slowness.isPresent()) {
      server.counters().closedSlow.increment();
      closeWith(slowness.get());
    } else if (!isMidRequest() && answers.isEmpty() && clock.isIdleTooLong(now)) {
      server.counters().closedIdle.increment();
      isClosing = true;
      context.close();
    }
  }

  /** Between two requests an old connection is read no more; it ends after its last answer. */
  private void retireIfBetweenRequests() {
    if (isRetiring && !isMidRequest() && !readsNoMore) {
      server.counters().closedAge.increment();
      endReading();
      closeIfDone();
    }
  }

  private void endReading() {
    readsNoMore = true;
    setPaused(Pause.ENDING, true);
  }

  private void closeWith(String problem) {
    isClosing = true;
    server.log().warn(says("connection closed: " + problem));
    context.close();
  }

  private String text() {
    return String.valueOf(client);
  }

  private String says(String what) {
    return server.name() + ": client " + text() + ": " + what;
  }

  private void closeIfDone() {
    if (readsNoMore && answers.isEmpty() && !isClosing && !isReadingNow) {
      isClosing = true;
      dropIncoming();
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
          if (!isClosing) {
            setPaused(Pause.SHARED_BUDGET, !server.budget().mayRead(this, isMidRequest()));
          }
        });
  }

  /** Bytes that a request that is being received takes now. Called by any thread. */
  int heldBytes() {
    return heldBytes;
  }

  /** When the request that is being received, if there is one, began. Called by any thread. */
  long beganNanos() {
    return beganNanos;
  }

  /** Closes the connection because its half-received request keeps the others from being read. */
  void closeForBudget() {
    onLoop(
        () -> {
          if (!isClosing) {
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
          if (isMidRequest()) {
            dropIncoming();
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
