/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.kit.path.HostNames;
import io.millrace.kit.path.PathTemplate;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.BitSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to files of Hadoop's file systems. A delivery is split by directory and prefix;
 * each of these writes at its own pace and syncs once for all that has come meanwhile; the delivery
 * is answered when all its events are where the options want them.
 *
 * <p>Deliveries come from one thread; the files are written on the threads of the pool; a timer
 * looks at what is due.
 */
final class HdfsSink implements Sink {
  private static final Logger log = LoggerFactory.getLogger(HdfsSink.class);

  /** Deliveries whose events may wait for a sync. */
  private static final int MAX_IN_FLIGHT = 256;

  /** Deliveries whose events may wait for their file to be closed. */
  private static final int MAX_HELD = 16_384;

  private static final Duration TICK = Duration.ofMillis(50);
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(60);

  /** How long a stop waits for files to be closed; the next start looks after the others. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(4);

  private final SinkContext context;
  private final HdfsSinkOptions options;
  private final Store store;
  private final FileFormat format;
  private final PathTemplate paths;
  private final PathTemplate prefixes;
  private final Counters counters;
  private final Path state;
  private final String mark;
  private final Set<InFlight> inFlight = ConcurrentHashMap.newKeySet();
  private final AtomicLong bytesInFlight = new AtomicLong();

  private CallPool pool;
  private Workplace work;
  private Buckets buckets;
  private Endings endings;
  private Leftovers leftovers;
  private Committed committed;
  private Splitter splitter;
  private Thread timer;
  private volatile boolean isRunning;

  HdfsSink(SinkContext context, HdfsSinkOptions options) {
    this.context = context;
    this.options = options;
    PathTemplate template = options.pathTemplate();
    String root = template.staticRoot();
    boolean isRawLocal =
        options.store().isRawLocal() || options.sync() != HdfsSinkOptions.Sync.NONE;
    this.store = new Store(context.name(), options.store(), root, isRawLocal);
    this.format = new FileFormat(options, store.configuration());
    this.paths = template;
    this.prefixes = options.prefixTemplate();
    this.counters = Counters.of(context.metrics());
    this.state =
        options
            .stateDirectory()
            .map(Path::new)
            .orElseGet(() -> new Path(root.isEmpty() ? "/" : root, ".millrace"));
    this.mark =
        FileNames.mark(
            options.id(), HostNames.ofThisHost().name(), context.agent(), context.name());
    context.metrics().gauge("OpenFiles", () -> buckets == null ? 0 : buckets.openFiles());
    context.metrics().gauge("PendingCloses", () -> endings == null ? 0 : endings.size());
    context.metrics().gauge("BytesInFlight", bytesInFlight::get);
  }

  @Override
  public int maxInFlight() {
    return options.isReleasedOnClose() ? MAX_HELD : MAX_IN_FLIGHT;
  }

  @Override
  public Duration holdsFor() {
    Buckets now = buckets;
    return now != null && now.holdsUntilClosed() ? Buckets.MAX_HELD : Duration.ZERO;
  }

  @Override
  public void settleSoon() {
    Buckets now = buckets;
    if (now != null) {
      now.drain();
    }
  }

  @Override
  public void start() {
    pool =
        new CallPool(
            options.store().threads(),
            options.store().callTimeout(),
            context.threads("call"),
            context.metrics());
    try {
      openStore();
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
    FileNames names =
        new FileNames(options, format.suffix(), mark, new SecureRandom().nextInt() & 0xffffffffL);
    DirectoryMarks marks = new DirectoryMarks(new Path(state, mark));
    work =
        new Workplace(
            context.name(),
            options,
            store,
            format,
            names,
            pool,
            counters,
            marks,
            new CommitLog(state, mark, names.session()),
            new LostAnswers(marks),
            new LogLimit(Duration.ofSeconds(5)));
    buckets = new Buckets(work);
    endings = new Endings(work, buckets::writeElsewhere);
    buckets.endings(endings);
    leftovers = new Leftovers(work);
    committed = new Committed(work, leftovers);
    splitter =
        new Splitter(
            work,
            buckets,
            paths.expander(),
            prefixes.expander(),
            NameLimits.of(work.files(), store.configuration()));
    isRunning = true;
    timer = context.threads("timer").newThread(this::keepTime);
    timer.start();
  }

  private void openStore() {
    CompletableFuture<Void> opened = new CompletableFuture<>();
    pool.submit(
        new CallPool.Turn(pool) {
          @Override
          void work() {
            try {
              store.open();
              opened.complete(null);
            } catch (IOException | RuntimeException | LinkageError e) {
              opened.completeExceptionally(e);
            }
          }

          @Override
          void abandoned(String message) {}
        });
    try {
      opened.get(OPEN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new TransientException(
          "Sink "
              + context.name()
              + ": the file system of "
              + options.path()
              + " could not be opened: "
              + e.getCause()
              + (isJarMissing(e.getCause())
                  ? ". Put the jars of its client into hadoop/libext of a plug-in directory and"
                      + " start the agent again (docs/plugins.md)"
                  : ". The sink tries again by itself"),
          e.getCause());
    } catch (TimeoutException e) {
      throw new TransientException(
          "Sink " + context.name() + ": opening the file system took longer than " + OPEN_LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("Sink " + context.name() + ": its start was interrupted", e);
    }
  }

  /** Whether it would take other jars for the file system to open. */
  private static boolean isJarMissing(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof LinkageError
          || each instanceof ClassNotFoundException
          || each instanceof UnsupportedFileSystemException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    if (batch.isEmpty()) {
      return CompletableFuture.completedFuture(Outcome.delivered());
    }
    if (!isRunning) {
      throw new TransientException("Sink " + context.name() + " is not running");
    }
    Origin known = origin.isKnown() && origin.count() == batch.eventCount() ? origin : Origin.NONE;
    BitSet had = options.isReleasedOnClose() ? committed.of(known) : null;
    awaitRoom();
    InFlight flight = new InFlight(known, batch.eventCount(), batch.encodedBytes());
    inFlight.add(flight);
    bytesInFlight.addAndGet(flight.bytes());
    flight
        .outcome()
        .whenComplete(
            (outcome, error) -> {
              inFlight.remove(flight);
              bytesInFlight.addAndGet(-flight.bytes());
            });
    try {
      splitter.split(batch, flight, had);
    } catch (RuntimeException e) {
      // It gives up its room.
      flight.outcome().completeExceptionally(e);
      throw e;
    }
    return flight.outcome();
  }

  /** Waits until there is room for more; a path that fails does not keep it. */
  private void awaitRoom() {
    long max = options.maxBytesInFlight().bytes();
    for (int waited = 0; bytesInFlight.get() > max; waited++) {
      if (!isRunning) {
        throw new TransientException("Sink " + context.name() + " has stopped");
      }
      // Again and again: what was only queued then is in an open file now.
      if (waited % 50 == 0) {
        buckets.giveBackFailing();
        if (buckets.holdsUntilClosed()) {
          buckets.closeAll();
        }
      }
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TransientException("Sink " + context.name() + " was interrupted", e);
      }
    }
  }

  private interface Chore {
    void run() throws IOException;
  }

  private void inPool(String what, Chore chore, CompletableFuture<Void> done) {
    pool.submit(
        new CallPool.Turn(pool) {
          @Override
          void work() {
            try {
              call(
                  what,
                  () -> {
                    chore.run();
                    return null;
                  });
              done.complete(null);
            } catch (IOException | RuntimeException e) {
              done.completeExceptionally(e);
            }
          }

          @Override
          void abandoned(String message) {
            done.completeExceptionally(new IOException(message));
          }
        });
  }

  private void keepTime() {
    Housekeeping housekeeping = new Housekeeping(work, leftovers, this::inPoolNow);
    while (isRunning) {
      long now = System.nanoTime();
      pool.watch();
      // Nothing more comes, and nothing would be answered until the files are old.
      if (buckets.holdsUntilClosed() && inFlight.size() >= maxInFlight()) {
        buckets.closeAll();
      }
      buckets.sweep(now);
      if (inFlight.isEmpty()) {
        buckets.allSettled();
      }
      endings.sweep(now);
      housekeeping.sweep(now);
      try {
        Thread.sleep(TICK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private CompletableFuture<Void> inPoolNow(String what, Housekeeping.Chore chore) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    inPool(what, chore::run, done);
    return done;
  }

  @Override
  public void stop() throws InterruptedException {
    if (!isRunning) {
      return;
    }
    long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
    buckets.stop();
    endings.hurry();
    while (!buckets.isIdle() && System.nanoTime() - deadline < 0) {
      Thread.sleep(5);
    }
    boolean isClean = endings.await(deadline) && buckets.isIdle();
    if (isClean) {
      CompletableFuture<Void> forgotten = new CompletableFuture<>();
      inPool("forget directories", this::forget, forgotten);
      try {
        forgotten.get(1, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.debug("Sink {}: directories could not be forgotten", context.name(), e);
      }
    } else {
      log.warn(
          "Sink {}: {} files could not be closed and renamed within {} s; the next start does it",
          context.name(),
          buckets.openFiles() + endings.size(),
          STOP_LIMIT.toSeconds());
    }
    isRunning = false;
    timer.join(1000);
    pool.close();
    for (InFlight flight : inFlight) {
      flight
          .outcome()
          .completeExceptionally(
              new TransientException(
                  "Sink " + context.name() + " stopped before the events were released"));
    }
    closeStore();
  }

  /** What the next start need not look for. */
  private void forget() throws IOException {
    try {
      work.lostAnswers().clear(work.files(), true);
    } finally {
      try {
        work.commits().close(work.files());
      } finally {
        work.marks().forgetIdle(work.files(), true);
      }
    }
  }

  private void closeStore() throws InterruptedException {
    Thread closing =
        context
            .threads("close")
            .newThread(
                () -> {
                  try {
                    store.close();
                  } catch (IOException e) {
                    log.debug("Sink {}: its client was not closed well", context.name(), e);
                  }
                });
    closing.start();
    closing.join(1000);
  }
}
