/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events in transactions that also hold how far the journal is delivered: see {@link
 * TransactionalProducer}. One thread carries the transactions out, one after the other. Each has
 * its price, whatever is in it: it takes along what has come meanwhile, but at most half of what
 * may be under way, so that the other half gathers for the next one.
 *
 * <p>Safe for many threads; the queue is guarded by {@code this}.
 */
final class ExactlyOnceSink implements Sink {
  private static final Logger log = LoggerFactory.getLogger(ExactlyOnceSink.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  /** Most bytes of batches that are not answered; one batch may go beyond. */
  private static final long MAX_BYTES_IN_FLIGHT = 32L << 20;

  /** Batches of the first transaction. */
  private static final int FIRST_SHARE = 8;

  private final KafkaSinkOptions options;
  private final SinkContext context;
  private final Transactions transactions;
  private final ArrayDeque<Parcel> queue = new ArrayDeque<>();
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));
  private long bytesInFlight;
  private boolean isStopped;
  private Thread thread;

  /** Most batches of the next transaction. Confined to the transactions' thread. */
  private int share;

  ExactlyOnceSink(KafkaSinkOptions options, SinkContext context) {
    this.options = options;
    this.context = context;
    this.share = Math.min(FIRST_SHARE, maxShare());
    this.transactions = new Transactions(options, context, new SinkMeters(context.metrics()));
    context.metrics().gauge("KafkaFenced", () -> transactions.isFenced() ? 1 : 0);
  }

  @Override
  public synchronized void start() {
    thread = context.threads("transactions").newThread(this::run);
    thread.start();
  }

  @Override
  public int maxInFlight() {
    return options.batchesInFlight();
  }

  private int maxShare() {
    return Math.max(1, options.batchesInFlight() / 2);
  }

  /** Waits while too many bytes are under way. */
  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    Parcel parcel = new Parcel(batch, origin);
    synchronized (this) {
      try {
        while (bytesInFlight >= MAX_BYTES_IN_FLIGHT && !isStopped) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TransientException("interrupted while other events were delivered", e);
      }
      if (isStopped || thread == null) {
        throw new TransientException("Sink " + context.name() + " does not run");
      }
      bytesInFlight += batch.encodedBytes();
      queue.add(parcel);
      notifyAll();
    }
    return parcel.future();
  }

  @Override
  public void settleSoon() {
    transactions.hurry();
  }

  private void run() {
    try {
      List<Parcel> next = await();
      while (next != null) {
        giveBack(carryOut(next));
        next = await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      transactions.close();
      fail(end(), new TransientException("Sink " + context.name() + " has stopped"));
    }
  }

  /** Answers the first ones, all or some, and returns them; the others wait again. */
  private List<Parcel> carryOut(List<Parcel> parcels) {
    int done;
    try {
      done = transactions.carryOut(parcels);
    } catch (RuntimeException e) {
      share = Math.max(1, share / 2);
      fail(parcels, e);
      return parcels;
    } catch (Error e) {
      // The thread ends with it.
      fail(
          parcels,
          new TransientException("Sink " + context.name() + " failed: " + LogText.of(e), e));
      throw e;
    }
    // Each refusal costs the whole transaction: where there are many, they are small.
    share = done < parcels.size() ? done : Math.min(maxShare(), share * 2);
    putBack(parcels.subList(done, parcels.size()));
    List<Parcel> answered = parcels.subList(0, done);
    for (Parcel parcel : answered) {
      if (parcel.verdicts().retryCount() > 0 && lines.allows()) {
        log.warn(
            "Sink {}: Kafka did not take {} of {} events; they are tried again. The first: {}",
            context.name(),
            parcel.verdicts().retryCount(),
            parcel.batch().eventCount(),
            LogText.of(parcel.verdicts().firstRetried()));
      }
      parcel.future().complete(parcel.verdicts().outcome());
    }
    return answered;
  }

  /** With the verdicts that they have. */
  private synchronized void putBack(List<Parcel> left) {
    for (int i = left.size() - 1; i >= 0; i--) {
      queue.addFirst(left.get(i));
    }
  }

  private static void fail(List<Parcel> parcels, RuntimeException reason) {
    for (Parcel parcel : parcels) {
      parcel.future().completeExceptionally(reason);
    }
  }

  /** What has come, or null at the end. */
  private synchronized List<Parcel> await() throws InterruptedException {
    while (queue.isEmpty() && !isStopped) {
      wait();
    }
    return isStopped ? null : take(share);
  }

  private List<Parcel> take(int most) {
    List<Parcel> taken = new ArrayList<>();
    while (!queue.isEmpty() && taken.size() < most) {
      taken.add(queue.remove());
    }
    return taken;
  }

  private synchronized void giveBack(List<Parcel> answered) {
    for (Parcel parcel : answered) {
      bytesInFlight -= parcel.batch().encodedBytes();
    }
    notifyAll();
  }

  /** What was not begun, also when the thread ends by itself: nothing more is taken then. */
  private synchronized List<Parcel> end() {
    isStopped = true;
    notifyAll();
    return take(Integer.MAX_VALUE);
  }

  @Override
  public void stop() throws InterruptedException {
    Thread ending;
    synchronized (this) {
      isStopped = true;
      ending = thread;
      notifyAll();
    }
    if (ending == null) {
      return;
    }
    ending.join(STOP_LIMIT.toMillis() / 2);
    if (ending.isAlive()) {
      // Ends the waits of a transaction that does not get on; the next start ends the transaction.
      transactions.abandon();
      ending.join(STOP_LIMIT.toMillis());
    }
  }
}
