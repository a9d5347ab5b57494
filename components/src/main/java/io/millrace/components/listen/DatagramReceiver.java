/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.RejectedException;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket for datagrams and the thread that reads it. What was read goes to the channels however
 * often that takes; while they are full nothing is read, and the kernel's buffer fills. What it
 * drops is counted, where the system tells, and said.
 *
 * <p>Bounds: a datagram, the batches of a {@link BatchCollector}, and the kernel's buffer. Start
 * and stop are called by one thread at a time.
 */
public final class DatagramReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramReceiver.class);

  /** As much as IP lets a datagram have. */
  private static final int MAX_DATAGRAM_BYTES = 65_536;

  /** Datagrams between two looks at what the channels answered. */
  private static final int TURN = 1000;

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);

  /** Turns datagrams into events. Confined to the receiver's thread. */
  public interface Reader {
    /** Adds the events of a datagram by way of the collector; the array is lent. */
    void read(byte[] array, int length, InetSocketAddress sender, BatchCollector collector);

    /** All that came together was read. */
    default void turnEnded() {}
  }

  private final SourceContext context;
  private final InetSocketAddress address;
  private final DatagramOptions options;
  private final Reader reader;
  private final FlightBudget budget;
  private final Counter rejected;
  private final Counter lost;
  private final Counter dropped;
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit dropLog = new LogLimit(Duration.ofSeconds(10));
  private DatagramChannel socket;
  private Selector selector;
  private Thread thread;
  private volatile boolean isStopping;

  public DatagramReceiver(
      SourceContext context, InetSocketAddress address, DatagramOptions options, Reader reader) {
    this.context = context;
    this.address = address;
    this.options = options;
    this.reader = reader;
    this.budget = new FlightBudget(options.maxBytesInFlight().bytes());
    this.rejected = context.metrics().counter("EventsRejected");
    this.lost = context.metrics().counter("LinesLost");
    this.dropped = context.metrics().counter("DatagramsDroppedByKernel");
    context.metrics().gauge("BytesInFlight", budget::usedBytes);
  }

  /**
   * Receives from now on.
   *
   * @throws TransientException when the address cannot be listened on
   */
  public void start() {
    try {
      socket = DatagramChannel.open();
      socket.setOption(StandardSocketOptions.SO_RCVBUF, (int) options.receiveBuffer().bytes());
      socket.bind(address);
      socket.configureBlocking(false);
      selector = Selector.open();
      socket.register(selector, SelectionKey.OP_READ);
      sayBuffer(socket.getOption(StandardSocketOptions.SO_RCVBUF));
    } catch (IOException | RuntimeException e) {
      close();
      throw new TransientException(
          context.name()
              + ": can't listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + e.getMessage()
              + ". Free the port, or correct the configuration; start is tried again",
          e);
    }
    thread = context.threads("io").newThread(this::run);
    thread.start();
  }

  private void sayBuffer(int given) {
    if (given < options.receiveBuffer().bytes()) {
      LOG.info(
          "{}: the kernel gives a receive-buffer of {} bytes instead of {} (sysctl"
              + " net.core.rmem_max).",
          context.name(),
          given,
          options.receiveBuffer().bytes());
    }
  }

  /** The port it listens on. */
  public int port() throws IOException {
    return ((InetSocketAddress) socket.getLocalAddress()).getPort();
  }

  /** Reads what the kernel has, and waits a while for the channels to take it. */
  public void stop() throws InterruptedException {
    isStopping = true;
    if (thread != null) {
      selector.wakeup();
      thread.join();
      thread = null;
    }
    close();
  }

  private void close() {
    try {
      if (selector != null) {
        selector.close();
      }
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      LOG.debug("{}: closing", context.name(), e);
    }
  }

  private void run() {
    try {
      new Loop().run();
    } catch (IOException e) {
      if (!isStopping) {
        context.failed(e);
      }
    }
  }

  /** From start to stop. Confined to the receiver's thread. */
  private final class Loop implements BatchCollector.Listener {
    private final BatchCollector collector =
        new BatchCollector(
            context.output(),
            options.batchSize(),
            budget,
            RandomGenerator.getDefault(),
            selector::wakeup,
            this);
    private final byte[] array = new byte[MAX_DATAGRAM_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(array);
    private final int port = ((InetSocketAddress) socket.getLocalAddress()).getPort();
    private long drops;
    private long lookedNanos = System.nanoTime();

    Loop() throws IOException {}

    void run() throws IOException {
      SelectionKey key = socket.keyFor(selector);
      while (!isStopping) {
        receive();
        key.interestOps(collector.isBlocked() ? 0 : SelectionKey.OP_READ);
        selector.select(millisToWait());
        selector.selectedKeys().clear();
        collector.settle(System.nanoTime());
        lookAtDrops();
      }
      end();
    }

    /** True when there may be more. */
    private boolean receive() throws IOException {
      int datagrams = 0;
      while (datagrams < TURN && !collector.isBlocked()) {
        buffer.clear();
        InetSocketAddress sender = (InetSocketAddress) socket.receive(buffer);
        if (sender == null) {
          break;
        }
        reader.read(array, buffer.position(), sender, collector);
        datagrams++;
      }
      collector.flush();
      reader.turnEnded();
      return datagrams > 0;
    }

    private long millisToWait() {
      long retryNanos = collector.nanosUntilRetry(System.nanoTime());
      return Math.max(1, TimeUnit.NANOSECONDS.toMillis(Math.min(retryNanos, LOOK_NANOS)));
    }

    private void end() throws IOException {
      long deadlineNanos = System.nanoTime() + STOP_PATIENCE.toNanos();
      boolean hasMore = true;
      while ((hasMore || !collector.isEmpty()) && System.nanoTime() - deadlineNanos < 0) {
        // What came before the stop; a sender that goes on does not hold it up.
        hasMore = hasMore && receive() && budget.hasRoom();
        collector.settle(System.nanoTime());
        if (!hasMore && !collector.isEmpty()) {
          selector.select(1);
        }
      }
      lookAtDrops();
      long left = collector.abandon();
      if (left > 0) {
        lost.add(left);
        LOG.warn(
            "{}: {} events were read and not taken by the channels when the source had to stop; they"
                + " are lost.",
            context.name(),
            left);
      }
    }

    private void lookAtDrops() {
      long now = System.nanoTime();
      if (now - lookedNanos < LOOK_NANOS && !isStopping) {
        return;
      }
      lookedNanos = now;
      OptionalLong found = KernelDrops.ofPort(port);
      long more = found.orElse(drops) - drops;
      if (more <= 0) {
        return;
      }
      drops += more;
      dropped.add(more);
      if (dropLog.allows()) {
        LOG.warn(
            "{}: the kernel dropped {} datagrams, {} in all: they came faster than the channels take"
                + " them, and receive-buffer was full. ({} such lines left out)",
            context.name(),
            more,
            drops,
            dropLog.takeLeftOut());
      }
    }

    @Override
    public void rejected(EventBatch batch, RejectedException reason) {
      rejected.add(batch.eventCount());
      said("no channel can ever take them, they are given up", batch, reason);
    }

    @Override
    public void failed(EventBatch batch, Throwable reason) {
      said("they are tried again, and nothing more is read meanwhile", batch, reason);
    }

    private void said(String what, EventBatch batch, Throwable reason) {
      if (failureLog.allows()) {
        LOG.warn(
            "{}: the channels did not take {} events: {}; {}. ({} such lines left out)",
            context.name(),
            batch.eventCount(),
            LogText.of(reason),
            what,
            failureLog.takeLeftOut());
      }
    }
  }
}
