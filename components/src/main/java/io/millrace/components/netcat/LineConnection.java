/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.MillraceException;
import io.millrace.api.Output;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.FlightBudget;
import io.millrace.kit.log.LogText;
import io.millrace.kit.text.LineFramer;
import io.millrace.rpc.proxy.ProxyListener;
import io.millrace.rpc.session.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.timeout.IdleStateEvent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One client: lines in, one answer per line out, in order. Lines that arrive together are one
 * batch. Confined to the connection's event loop, except where said.
 *
 * <p>Bounds: {@link #MAX_BATCHES_IN_FLIGHT} batches wait for the channels, one line waits for its
 * end, and nothing is read while the client does not take its answers or the source's budget is
 * used up.
 */
final class LineConnection extends ChannelInboundHandlerAdapter
    implements ProxyListener, Connections.Client {
  static final int MAX_BATCHES_IN_FLIGHT = 8;

  private static final int MAX_BATCH_EVENTS = 1000;

  /** How long what a refused client still sends is thrown away, so that it reads the reason. */
  private static final long LINGER_MILLIS = 1000;

  /** Unfinished lines longer than this are measured only when they end. */
  private static final int MAX_EARLY_CHECK_BYTES = 64 * 1024;

  private final NetcatOptions options;
  private final Output output;
  private final FlightBudget budget;
  private final Connections<LineConnection> connections;
  private final NetcatCounters counters;
  private final LongSupplier nanoTime;
  private final int maxChars;
  private final LineFramer framer;
  private final Transcoder transcoder;
  private final byte[] ok;
  private final ArrayDeque<Answer> answers = new ArrayDeque<>();
  private EventBatch.Builder batch;
  private byte[] input = new byte[0];
  private EncodedHeaders headers = EncodedHeaders.NONE;
  private Channel channel;
  private InetSocketAddress client;
  private boolean isInputEnded;
  private boolean isRefused;
  private boolean isFinishing;
  private boolean isAwaitingBudget;
  private boolean isLastWritten;
  private long unsentBytes;
  private volatile long lastReadNanos;
  private volatile boolean isQuiet = true;

  /** What will be answered: for a batch once its future is done, or a reason that ends it all. */
  private record Answer(int events, long bytes, CompletableFuture<Void> future, String refusal) {}

  LineConnection(
      NetcatOptions options,
      Output output,
      FlightBudget budget,
      Connections<LineConnection> connections,
      NetcatCounters counters,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.options = options;
    this.output = output;
    this.budget = budget;
    this.connections = connections;
    this.counters = counters;
    this.maxChars = options.maxLineLength() - 1;
    this.framer = new LineFramer(maxChars * Utf8.MAX_BYTES_PER_CHAR, new Lines());
    this.transcoder =
        options.encoding().equals(StandardCharsets.UTF_8)
            ? null
            : new Transcoder(options.encoding(), framer);
    this.ok = "OK\n".getBytes(options.encoding());
    this.lastReadNanos = nanoTime.getAsLong();
  }

  @Override
  public long lastReadNanos() {
    return lastReadNanos;
  }

  @Override
  public boolean isQuiet() {
    return isQuiet;
  }

  @Override
  public void close() {
    Channel open = channel;
    if (open != null) {
      open.close();
    }
  }

  /** Reads no more, answers what is in flight, and ends the connection. Any thread. */
  void finish() {
    Channel open = channel;
    if (open != null) {
      open.eventLoop()
          .execute(
              () -> {
                isFinishing = true;
                updateReading();
                endIfAnswered();
              });
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    channel = context.channel();
    setClient((InetSocketAddress) channel.remoteAddress());
    if (connections.admit(this)) {
      updateReading();
      return;
    }
    refuse("too many connections (" + options.maxConnections() + ")");
    answer();
  }

  private void setClient(InetSocketAddress address) {
    client = address;
    headers =
        options
            .proxy()
            .clientAddressHeader()
            .map(name -> EncodedHeaders.of(Map.of(name, Peer.hostOf(address))))
            .orElse(EncodedHeaders.NONE);
  }

  @Override
  public void clientKnown(InetSocketAddress address, Runnable goOn) {
    setClient(address);
    goOn.run();
  }

  @Override
  public void headerFailed(Fault fault) {
    counters.connections().proxyHeaderFailed(client, fault);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connections.remove(this);
    releaseUnsent();
    // What is in flight gives its bytes back as it is answered.
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      lastReadNanos = nanoTime.getAsLong();
      if (isRefused || isFinishing) {
        return;
      }
      int length = bytes.readableBytes();
      holdUnsent(length);
      if (input.length < length) {
        input = new byte[length];
      }
      bytes.readBytes(input, 0, length);
      if (transcoder == null) {
        framer.feed(input, 0, length);
      } else {
        transcoder.feed(input, 0, length);
      }
      checkUnfinished();
      // One that is out of budget is read no further within this round.
      updateReading();
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    emit();
    releaseUnsent();
    answer();
    updateReading();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded();
    } else if (event instanceof IdleStateEvent && answers.isEmpty()) {
      counters.idleClosed();
      context.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    updateReading();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    counters.connections().connectionFailed(client, cause);
    context.close();
  }

  private void inputEnded() {
    if (isInputEnded) {
      return;
    }
    isInputEnded = true;
    if (!isRefused && !isFinishing) {
      if (transcoder != null) {
        transcoder.finish();
      }
      framer.finish();
      emit();
      releaseUnsent();
    }
    answer();
    endIfAnswered();
  }

  private final class Lines implements LineFramer.Lines {
    @Override
    public void line(byte[] array, int offset, int length) {
      if (isRefused) {
        return;
      }
      if (length > maxChars && Utf8.chars(array, offset, length) > maxChars) {
        overlong(array, offset, length);
        return;
      }
      if (batch == null) {
        batch = EventBatch.builder(2 * length + 64);
      }
      batch.add(headers, array, offset, length);
      if (batch.eventCount() >= MAX_BATCH_EVENTS
          || batch.encodedBytes() >= EventBatch.TARGET_BYTES) {
        emit();
      }
    }

    @Override
    public void overlong(byte[] array, int offset, int length) {
      if (!isRefused) {
        counters.lineTooLong();
        emit();
        refuse(
            "Event exceeds the maximum length ("
                + options.maxLineLength()
                + " chars, including newline)");
      }
    }
  }

  /** A client that sends too long a line and then waits for the answer shall get it. */
  private void checkUnfinished() {
    int unfinished = framer.unfinishedBytes();
    if (!isRefused && unfinished > maxChars && unfinished <= MAX_EARLY_CHECK_BYTES) {
      int chars = framer.lendUnfinished(Utf8::chars);
      if (chars > maxChars) {
        new Lines().overlong(new byte[0], 0, 0);
      }
    }
  }

  private void refuse(String reason) {
    isRefused = true;
    answers.add(
        new Answer(0, 0, CompletableFuture.completedFuture(null), "FAILED: " + reason + "\n"));
  }

  /** Until they are in a batch that is sent, bytes that were read count as they are. */
  private void holdUnsent(int bytes) {
    budget.take(bytes);
    unsentBytes += bytes;
  }

  private void releaseUnsent() {
    long bytes = unsentBytes;
    unsentBytes = 0;
    if (bytes > 0) {
      budget.giveBack(bytes);
    }
  }

  private void emit() {
    if (batch == null) {
      return;
    }
    EventBatch full = batch.build();
    batch = null;
    isQuiet = false;
    budget.take(full.encodedBytes());
    releaseUnsent();
    CompletableFuture<Void> future;
    try {
      future = output.emit(full);
    } catch (RuntimeException e) {
      // An output answers through the future; one that throws is treated alike.
      future = CompletableFuture.failedFuture(e);
    }
    answers.add(new Answer(full.eventCount(), full.encodedBytes(), future, null));
    if (!future.isDone()) {
      future.whenComplete((done, failure) -> channel.eventLoop().execute(this::answered));
    }
    future.whenComplete((done, failure) -> budget.giveBack(full.encodedBytes()));
  }

  private void answered() {
    answer();
    updateReading();
    endIfAnswered();
  }

  /** Writes the answers that are due, in order. */
  private void answer() {
    boolean isWritten = false;
    while (!answers.isEmpty() && answers.peek().future().isDone()) {
      Answer first = answers.remove();
      byte[] text = text(first);
      if (text.length > 0) {
        channel.write(Unpooled.wrappedBuffer(text));
        isWritten = true;
      }
      isLastWritten |= first.refusal() != null;
    }
    isQuiet = answers.isEmpty();
    if (isWritten) {
      channel.flush();
    }
    if (isLastWritten) {
      linger();
    }
  }

  private byte[] text(Answer answer) {
    if (answer.refusal() != null) {
      return answer.refusal().getBytes(options.encoding());
    }
    Throwable failure = answer.future().handle((done, thrown) -> thrown).join();
    if (failure == null) {
      return options.ackEveryEvent() ? repeat(ok, answer.events()) : new byte[0];
    }
    Throwable reason =
        failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    counters.refusedByChannels(answer.events(), reason);
    String said = reason instanceof MillraceException ? reason.getMessage() : "internal error";
    return repeat(
        ("FAILED: " + LogText.of(said) + "\n").getBytes(options.encoding()), answer.events());
  }

  private static byte[] repeat(byte[] text, int times) {
    byte[] repeated = new byte[text.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(text, 0, repeated, i * text.length, text.length);
    }
    return repeated;
  }

  /** Closing at once, with bytes unread, would reset the connection and eat the reason. */
  private void linger() {
    if (isInputEnded || !(channel instanceof SocketChannel socket)) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    isLastWritten = false;
    // Not before all is written: what is still in the buffer would be thrown away.
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener((ChannelFutureListener) written -> socket.shutdownOutput());
    channel.config().setAutoRead(true);
    channel.eventLoop().schedule(() -> socket.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void endIfAnswered() {
    if ((isInputEnded || isFinishing) && answers.isEmpty()) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void updateReading() {
    if (!channel.isOpen()) {
      return;
    }
    boolean hasOwnRoom =
        !isFinishing && answers.size() < MAX_BATCHES_IN_FLIGHT && channel.isWritable();
    boolean mayRead = isRefused || (hasOwnRoom && budget.hasRoom());
    if (!isRefused && hasOwnRoom && !mayRead && !isAwaitingBudget) {
      isAwaitingBudget = true;
      budget.await(
          () ->
              channel
                  .eventLoop()
                  .execute(
                      () -> {
                        isAwaitingBudget = false;
                        updateReading();
                      }));
    }
    if (channel.config().isAutoRead() != mayRead) {
      channel.config().setAutoRead(mayRead);
    }
  }
}
