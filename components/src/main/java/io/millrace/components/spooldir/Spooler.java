/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.EventDeserializer;
import io.millrace.api.EventDeserializer.MalformedFileException;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.components.content.FileContent;
import io.millrace.components.reader.TurnReader;
import io.millrace.components.spooldir.SpooledFile.Reason;
import io.millrace.components.spooldir.SpooledFile.SetAside;
import io.millrace.kit.flow.EmitWindow;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The work of a spooling directory source in turns: settle what was answered, mark files, look for
 * others, read, save. Confined to the thread that takes the turns.
 *
 * <p>Bounds: {@link #MAX_BATCHES_IN_FLIGHT} batches of {@code batchSize} events, and {@link
 * #MAX_BYTES_IN_FLIGHT} or one batch of about {@link EventBatch#TARGET_BYTES} more (a larger event
 * travels alone); one that is being filled.
 */
final class Spooler implements TurnReader {
  /** Many, since batches of Flume's default are small: a sync of the channel then covers more. */
  static final int MAX_BATCHES_IN_FLIGHT = 64;

  static final long MAX_BYTES_IN_FLIGHT = 8L * EventBatch.TARGET_BYTES;

  /** PATH_MAX of Linux, twice: header of the path, and of the name. */
  static final int MAX_HEADER_BYTES = 8192 + 512;

  /** Looks at the directory take at most one part in this many of the time. */
  private static final int SCAN_SHARE = 5;

  private static final long MAX_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final SpoolDirOptions options;
  private final EventDeserializer.Factory deserializers;
  private final EventDeserializer.Setting setting;
  private final SpoolListing listing;
  private final Marks marks;
  private final FileMarker marker;
  private final Positions positions;
  private final SpoolTroubles troubles;
  private final LongSupplier nanoTime;
  private final LongSupplier wallNanos;
  private final BooleanSupplier stopRequested;
  private final EmitWindow<Sent> window;
  private final Metrics.Counter batchesReceived;
  private final Metrics.Counter batchesAccepted;
  private final WorkList work = new WorkList();
  private final BatchFilling filling;
  private ArrayDeque<SpoolListing.Found> ready = new ArrayDeque<>();
  private long bytesInFlight;
  private SpooledFile current;
  private boolean isStopping;
  private long scanDueNanos;
  private volatile long filesWaiting;

  /** A batch on its way, and where its file goes on behind it. */
  private record Sent(SpooledFile file, long mark, long events) {}

  /**
   * @param wake told, on any thread, that an answer has come
   * @param stopRequested ends what takes long within a turn
   */
  Spooler(
      SpoolDirOptions options,
      Positions positions,
      Output output,
      Metrics metrics,
      SpoolTroubles troubles,
      LongSupplier nanoTime,
      LongSupplier wallNanos,
      Random random,
      Runnable wake,
      BooleanSupplier stopRequested) {
    this.options = options;
    this.stopRequested = stopRequested;
    this.deserializers = options.deserializers();
    this.positions = positions;
    this.troubles = troubles;
    this.nanoTime = nanoTime;
    this.wallNanos = wallNanos;
    this.listing = new SpoolListing(options, troubles, random);
    this.marks = new Marks(options);
    this.marker = new FileMarker(options, marks, work, positions, troubles, metrics, random);
    long room = Math.max(1, output.maxBatchBytes() - MAX_HEADER_BYTES);
    this.filling = new BatchFilling(Math.min(EventBatch.TARGET_BYTES, room));
    this.setting =
        new EventDeserializer.Setting(
            options.inputCharset(),
            options.decodeErrorPolicy(),
            (int) Math.min(Integer.MAX_VALUE - MAX_HEADER_BYTES, room),
            metrics);
    Duration ceiling = options.maxBackoff();
    Duration first = Duration.ofMillis(Math.min(250, Math.max(1, ceiling.toMillis())));
    this.window =
        new EmitWindow<>(
            output,
            MAX_BATCHES_IN_FLIGHT,
            new Backoff(first, ceiling),
            random,
            wake,
            new Answers());
    batchesReceived = metrics.counter("AppendBatchReceivedCount");
    batchesAccepted = metrics.counter("AppendBatchAcceptedCount");
    metrics.gauge("FilesWaiting", () -> filesWaiting);
    scanDueNanos = nanoTime.getAsLong();
  }

  /** Takes over the positions of an earlier run; before the first turn. */
  void load(List<SavedPosition> saved) {
    for (SavedPosition position : saved) {
      Path path = options.spoolPath().resolve(position.path());
      FileFacts facts;
      try {
        facts = FileFacts.of(path);
        if (facts != null && marks.find(path, facts) == Marks.Found.SET_ASIDE) {
          continue;
        }
      } catch (IOException e) {
        troubles.unreadable(path, e);
        facts = position.facts();
      }
      if (facts != null && facts.isRegular()) {
        resume(path, facts, position);
      }
    }
  }

  private void resume(Path path, FileFacts facts, SavedPosition position) {
    FileFacts before = position.facts();
    if (before == null && position.mark() > facts.sizeBytes()) {
      troubles.warn(
          "{} has {} bytes, and Flume's position in it is {}: it is another file, and read from its"
              + " beginning.",
          path,
          facts.sizeBytes(),
          position.mark());
      return;
    }
    if (before != null && !before.isSameFile(facts)) {
      troubles.say("{} is another file than the one that was read; all of it is new.", path);
      return;
    }
    SpooledFile file = new SpooledFile(path, position.path(), facts, options);
    file.resumeAt(position);
    file.isExhausted = position.isFinished();
    if (before != null && !before.isUnchanged(facts)) {
      file.setAside = FileMarker.changed(before, facts);
      file.isExhausted = true;
    }
    work.begin(file);
    positions.moved();
  }

  @Override
  public long turn() {
    long now = nanoTime.getAsLong();
    window.settle(now);
    marker.markFiles(now);
    boolean hasRead = false;
    if (!isStopping) {
      look(now);
      hasRead = read(now);
    }
    boolean waitsForSync = !positions.hasRoom();
    positions.save(work.begun(), now);
    filesWaiting = ready.size() + listing.unsettled();
    if ((hasRead && hasRoom()) || (waitsForSync && positions.hasRoom())) {
      return 0;
    }
    long pause = Math.min(MAX_PAUSE_NANOS, Math.max(0, scanDueNanos - now));
    if (!ready.isEmpty() || current != null) {
      // An answer wakes; a scan changes nothing.
      pause = MAX_PAUSE_NANOS;
    }
    for (SpooledFile file : work.begun()) {
      if (file.failures > 0) {
        pause = Math.min(pause, Math.max(0, file.retryAtNanos - now));
      }
    }
    return Math.min(Math.min(pause, positions.nanosUntilSync(now)), window.nanosUntilRetry(now));
  }

  @Override
  public void stopReading() {
    isStopping = true;
    window.close();
  }

  @Override
  public boolean isAnswered() {
    return !window.hasUnanswered();
  }

  @Override
  public void close() {
    marker.markFiles(nanoTime.getAsLong());
    try {
      positions.moved();
      positions.sync(work.begun());
    } catch (IOException e) {
      troubles.notSaved(options.trackerPath(), e);
    }
    abandon();
  }

  /** Closes the files and saves nothing, as a crash does. */
  void abandon() {
    work.begun().forEach(SpooledFile::close);
  }

  private void look(long now) {
    if (!ready.isEmpty() && now - scanDueNanos < MAX_PAUSE_NANOS) {
      return;
    }
    if (now - scanDueNanos >= 0) {
      work.refresh(now);
      ready = listing.find(work::isKnown, now, wallNanos.getAsLong());
      long end = nanoTime.getAsLong();
      long pause = Math.max(options.pollDelay().toNanos(), (SCAN_SHARE - 1) * (end - now));
      scanDueNanos = end + pause;
    }
  }

  private boolean read(long now) {
    boolean hasRead = false;
    while (hasRoom() && !stopRequested.getAsBoolean()) {
      if (current == null) {
        current = nextFile(now);
      }
      if (current == null) {
        break;
      }
      hasRead = true;
      readOn(current, now);
    }
    return hasRead;
  }

  private boolean hasRoom() {
    return window.hasRoom() && bytesInFlight < MAX_BYTES_IN_FLIGHT;
  }

  /** A file to be read, or null. */
  private SpooledFile nextFile(long now) {
    for (SpooledFile file : work.copyOfBegun()) {
      boolean isDue = file.failures == 0 || now - file.retryAtNanos >= 0;
      if (!file.isExhausted && file.batchesInFlight == 0 && isDue && open(file, now)) {
        return file;
      }
    }
    while (!ready.isEmpty() && work.hasRoom() && positions.hasRoom()) {
      SpoolListing.Found found = ready.remove();
      SpooledFile file = begin(found, now);
      if (file != null && open(file, now)) {
        return file;
      }
    }
    return null;
  }

  /** Begins a file; null when it is not to be read. */
  private SpooledFile begin(SpoolListing.Found found, long now) {
    Path path = found.path();
    try {
      // It may be long since the directory was looked at.
      FileFacts facts = FileFacts.of(path);
      if (facts == null || !facts.isRegular() || !facts.isUnchanged(found.facts())) {
        return null;
      }
      SpooledFile file =
          new SpooledFile(path, options.spoolPath().relativize(path).toString(), facts, options);
      switch (marks.find(path, facts)) {
        case FINISHED -> {
          if (options.writesSpoolDir()) {
            marks.finish(path, facts);
          }
          work.finished(path, facts);
          return null;
        }
        case SET_ASIDE -> {
          work.finished(path, facts);
          return null;
        }
        case NAME_USED -> {
          file.setAside =
              new SetAside(Reason.NAME_USED_TWICE, "another file was finished under this name");
          file.isExhausted = true;
          work.begin(file);
          marker.markFile(file, now);
          return null;
        }
        case NONE -> work.begin(file);
      }
      return file;
    } catch (IOException e) {
      troubles.unreadable(path, e);
      work.postpone(path, now + FileMarker.RETRY.ceiling().toNanos());
      return null;
    }
  }

  /** Opens a file where it goes on; false when that fails, which is said and tried again. */
  private boolean open(SpooledFile file, long now) {
    try {
      FileFacts facts = FileFacts.of(file.path());
      if (facts == null) {
        troubles.warn("{} is gone before all of it was read.", file.path());
        work.remove(file);
        return false;
      }
      if (!facts.isUnchanged(file.facts())) {
        setAside(file, FileMarker.changed(file.facts(), facts));
        return false;
      }
      file.content = FileContent.open(file.path(), stopRequested);
      file.deserializer = deserializers.open(file.content, file.confirmedMark, setting);
      // What is behind the confirmed mark and was taken is read over.
      // Behind the mark from which it is read on; while it is read nothing is passed over.
      file.eventsToSkip = file.confirmedEvents;
      filling.begin(file);
      return true;
    } catch (MalformedFileException e) {
      setAside(file, new SetAside(Reason.MALFORMED, e.getMessage()));
    } catch (IOException e) {
      failed(file, e, now);
    }
    file.close();
    return false;
  }

  private void failed(SpooledFile file, IOException reason, long now) {
    if (!stopRequested.getAsBoolean() || !isInterrupted(reason)) {
      marker.failed(file, reason, now);
    }
    // Else a stop ended it: it goes on after the next start.
  }

  private static boolean isInterrupted(Throwable reason) {
    for (Throwable cause = reason; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedIOException) {
        return true;
      }
    }
    return false;
  }

  /** Fills a batch and emits it, or comes to the end of the file. */
  private void readOn(SpooledFile file, long now) {
    EventDeserializer deserializer = file.deserializer;
    long mark = deserializer.mark();
    long events = deserializer.eventsBehindMark();
    try {
      while (filling.eventCount() < options.batchSize()) {
        mark = deserializer.mark();
        events = deserializer.eventsBehindMark();
        if (!deserializer.next(filling)) {
          emit(file, filling.take(), mark, events);
          exhausted(file);
          return;
        }
        EventBatch full = filling.takeFull();
        if (full != null) {
          emit(file, full, mark, events);
          return;
        }
      }
      emit(file, filling.take(), deserializer.mark(), deserializer.eventsBehindMark());
    } catch (MalformedFileException e) {
      emit(file, filling.take(), mark, events);
      setAside(file, new SetAside(Reason.MALFORMED, e.getMessage()));
      exhausted(file);
    } catch (IOException e) {
      emit(file, filling.take(), mark, events);
      failed(file, e, now);
      file.close();
      current = null;
    }
  }

  private void emit(SpooledFile file, EventBatch batch, long mark, long events) {
    if (batch.isEmpty()) {
      return;
    }
    batchesReceived.increment();
    file.batchesInFlight++;
    bytesInFlight += batch.encodedBytes();
    window.emit(new Sent(file, mark, events), batch);
  }

  private void exhausted(SpooledFile file) {
    file.isExhausted = true;
    file.close();
    current = null;
    if (file.batchesInFlight == 0) {
      marker.markFile(file, nanoTime.getAsLong());
    }
  }

  private static void setAside(SpooledFile file, SetAside why) {
    file.setAside = why;
    file.isExhausted = true;
  }

  /** Moves positions as the channels answer. */
  private final class Answers implements EmitWindow.Listener<Sent> {
    @Override
    public void settled(Sent sent, EventBatch batch, int rejectedEvents) {
      if (rejectedEvents < batch.eventCount()) {
        batchesAccepted.increment();
      }
      bytesInFlight -= batch.encodedBytes();
      confirm(sent);
    }

    @Override
    public void rejected(Sent sent, int index, EventBatch event, RejectedException reason) {
      troubles.rejected(sent.file(), event.eventCount(), reason);
    }

    @Override
    public void failed(Sent sent, EventBatch batch, Throwable reason) {
      troubles.channelFailed(sent.file().path(), reason);
    }

    private void confirm(Sent sent) {
      SpooledFile file = sent.file();
      file.batchesInFlight--;
      file.confirmedMark = sent.mark();
      file.confirmedEvents = sent.events();
      file.failures = 0;
      positions.moved();
    }
  }
}
