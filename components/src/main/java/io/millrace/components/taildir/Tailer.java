/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.Backoff;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.components.reader.TurnReader;
import io.millrace.kit.flow.EmitWindow;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The work of a taildir source in turns: settle what was answered, look, read, save. Confined to
 * the thread that takes the turns.
 *
 * <p>Bounds: {@link #MAX_BATCHES_IN_FLIGHT} batches of {@code batchSize} events, and {@link
 * #MAX_BYTES_IN_FLIGHT} or one batch of about {@link EventBatch#TARGET_BYTES} more (a longer line
 * travels alone); one block.
 */
final class Tailer implements TurnReader {
  /** Many, since batches of Flume's default are small: a sync of the channel then covers more. */
  static final int MAX_BATCHES_IN_FLIGHT = 64;

  static final long MAX_BYTES_IN_FLIGHT = 8L * EventBatch.TARGET_BYTES;

  private static final int BLOCK_BYTES = 256 * 1024;
  private static final long MIN_POLL_NANOS = Duration.ofMillis(10).toNanos();
  private static final long MAX_POLL_NANOS = Duration.ofMillis(250).toNanos();
  private static final long GAUGE_NANOS = Duration.ofSeconds(1).toNanos();

  /** PATH_MAX of Linux. */
  private static final int MAX_PATH_BYTES = 4096;

  /** Counts and lengths in an event's encoding, and the header byteoffset. */
  private static final int LENGTHS_BYTES = 128;

  /** Looks at directories take at most one part in this many of the time. */
  private static final int SCAN_SHARE = 5;

  /** As {@link #SCAN_SHARE}, while nothing changes: very many files must not cost a processor. */
  private static final int IDLE_SCAN_SHARE = 25;

  private final TaildirOptions options;
  private final PositionFile positionFile;
  private final FollowedFiles files;
  private final Troubles troubles;
  private final LongSupplier nanoTime;
  private final BooleanSupplier stopRequested;
  private final LineReader reader;
  private final EmitWindow<Emitted> window;
  private final Metrics.Counter batchesReceived;
  private final Metrics.Counter batchesAccepted;
  private final long targetBytes;

  private long bytesInFlight;
  private int lastBatchBytes;
  private TailedFile current;
  private long currentTarget;
  private long currentBatches;
  private boolean isStopping;

  private long pollNanos = MIN_POLL_NANOS;
  private long idleScans;
  private long scanNotBeforeNanos;
  private long scanDueNanos;
  private long staleNotBeforeNanos;
  private long saveDueNanos;
  private long gaugesDueNanos;
  private volatile long filesOpen;
  private volatile long filesFollowed;
  private volatile long bytesBehind;

  private record Emitted(TailedFile file, long endPosition, Mark endMark) {}

  /**
   * @param wake told, on any thread, that an answer has come
   * @param stopRequested ends what takes long within a turn
   */
  Tailer(
      TaildirOptions options,
      FileAccess access,
      PositionFile positionFile,
      Output output,
      Metrics metrics,
      Troubles troubles,
      LongSupplier nanoTime,
      RandomGenerator random,
      Runnable wake,
      BooleanSupplier stopRequested) {
    this.options = options;
    this.stopRequested = stopRequested;
    this.positionFile = positionFile;
    this.troubles = troubles;
    this.nanoTime = nanoTime;
    this.files = new FollowedFiles(options, access, troubles, nanoTime, stopRequested);
    long room = Math.max(1, output.maxBatchBytes() - overheadBytes(options));
    this.targetBytes = Math.min(EventBatch.TARGET_BYTES, room);
    // A line that fits no batch would be refused for ever: it is cut instead.
    this.reader =
        new LineReader(
            BLOCK_BYTES,
            (int) Math.min(options.maxLineLength().bytes(), room),
            options.multiline().isOn() ? new EventEnds(options.multiline(), room) : null,
            stopRequested);
    Duration ceiling = options.maxBackoffSleep();
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
    metrics.gauge("FilesOpen", () -> filesOpen);
    metrics.gauge("FilesFollowed", () -> filesFollowed);
    metrics.gauge("BytesBehind", () -> bytesBehind);
    long now = nanoTime.getAsLong();
    scanDueNanos = now;
    scanNotBeforeNanos = now;
    staleNotBeforeNanos = now;
    gaugesDueNanos = now;
    saveDueNanos = now + options.writePosInterval().toNanos();
  }

  /** Most bytes of an event besides its body. */
  private static long overheadBytes(TaildirOptions options) {
    int longestHeaderBytes = 0;
    for (FileGroup group : options.groups()) {
      EventBatch.Builder sample = EventBatch.builder();
      sample.add(EncodedHeaders.of(group.headers()), new byte[0]);
      longestHeaderBytes = Math.max(longestHeaderBytes, sample.encodedBytes());
    }
    int fileHeaderBytes = 4 * options.fileHeaderKey().length() + MAX_PATH_BYTES;
    return longestHeaderBytes + (options.fileHeader() ? fileHeaderBytes : 0) + LENGTHS_BYTES;
  }

  /** Takes over the positions of an earlier run; before the first turn. */
  void load(List<Position> positions) {
    files.load(positions);
  }

  @Override
  public long turn() {
    long now = nanoTime.getAsLong();
    window.settle(now);
    boolean isChanged = !isStopping && look(now);
    boolean hasRead = !isStopping && read(now);
    if (now - saveDueNanos >= 0) {
      save();
      saveDueNanos = now + options.writePosInterval().toNanos();
    }
    if (now - gaugesDueNanos >= 0) {
      updateGauges();
      gaugesDueNanos = now + GAUGE_NANOS;
    }
    pollNanos = isChanged || hasRead ? MIN_POLL_NANOS : Math.min(MAX_POLL_NANOS, pollNanos * 2);
    if (hasRoom() && (current != null || files.hasReady()) && hasRead) {
      return 0;
    }
    return Math.min(pollNanos, window.nanosUntilRetry(now));
  }

  // What was refused is not sent once more: it might come behind the positions that are saved
  // without it.
  @Override
  public void stopReading() {
    isStopping = true;
    window.close();
  }

  @Override
  public boolean isAnswered() {
    return !window.hasUnanswered();
  }

  /** Closes the files and saves nothing, as a crash does. */
  void abandon() {
    files.closeAll();
  }

  @Override
  public void close() {
    save();
    files.closeAll();
    updateGauges();
  }

  private void save() {
    try {
      positionFile.save(files.positions());
    } catch (IOException e) {
      troubles.notSaved(positionFile.path(), e);
    }
  }

  private boolean look(long now) {
    boolean isDue = now - scanDueNanos >= 0;
    if (isDue || (now - scanNotBeforeNanos >= 0 && isStale(now))) {
      boolean isChanged = files.scan(now);
      long end = nanoTime.getAsLong();
      idleScans = isChanged ? 0 : idleScans + 1;
      scanNotBeforeNanos = end + (SCAN_SHARE - 1) * (end - now);
      long pause =
          Math.min(
              options.maxBackoffSleep().toNanos(),
              Math.max(1, idleScans) * options.backoffSleepIncrement().toNanos());
      long share = isChanged ? SCAN_SHARE : IDLE_SCAN_SHARE;
      scanDueNanos = end + Math.max(pause, (share - 1) * (end - now));
      return files.poll(now) || isChanged;
    }
    return files.poll(now);
  }

  /** Whether names may have changed; with very many directories that is not asked at each turn. */
  private boolean isStale(long now) {
    if (now - staleNotBeforeNanos < 0) {
      return false;
    }
    boolean isStale = files.isStale(now);
    long end = nanoTime.getAsLong();
    staleNotBeforeNanos = end + (IDLE_SCAN_SHARE - 1) * (end - now);
    return isStale;
  }

  private boolean read(long now) {
    boolean hasRead = false;
    if (current != null && !files.isReadable(current)) {
      files.queue(current);
      current = null;
    }
    while (hasRoom() && !stopRequested.getAsBoolean()) {
      if (current == null && !nextFile(now)) {
        break;
      }
      hasRead |= readBatch(current);
    }
    return hasRead;
  }

  private boolean hasRoom() {
    return window.hasRoom() && bytesInFlight < MAX_BYTES_IN_FLIGHT;
  }

  private boolean nextFile(long now) {
    for (TailedFile next = files.nextReady(); next != null; next = files.nextReady()) {
      if (files.open(next, now)) {
        current = next;
        currentTarget = Math.max(next.sizeBytes, next.readPosition());
        currentBatches = 0;
        return true;
      }
    }
    return false;
  }

  /** Emits one batch of the current file, or is done with it; whether events were emitted. */
  private boolean readBatch(TailedFile file) {
    EventBatch.Builder batch = EventBatch.builder(expectedBytes(file));
    LineReader.Look look = LineReader.Look.NOTHING;
    IOException failure = null;
    try {
      look = fillBatch(file, batch);
    } catch (IOException e) {
      failure = e;
    }
    boolean isEmpty = batch.eventCount() == 0;
    if (!isEmpty) {
      reader.learnMark(file);
      emit(file, batch.build());
    }
    if (reader.takeSkippedHoleBytes() > 0) {
      troubles.say("{} began with zero bytes up to position {}", file.path(), file.readPosition());
    }
    if (failure == null) {
      files.succeeded(file);
    }
    if (failure != null) {
      reader.forget();
      if (!(failure instanceof InterruptedIOException)) {
        files.failed(file, failure);
      }
      current = null;
    } else if (look == LineReader.Look.REPLACED) {
      startOver(file);
    } else if (look == LineReader.Look.NOTHING) {
      file.isEventDue = false;
      current = null;
    } else if (file.readPosition() >= currentTarget) {
      current = null;
    } else if (++currentBatches >= options.maxBatchCount()) {
      files.queue(file);
      current = null;
    }
    return !isEmpty;
  }

  /** A batch is mostly as long as the one before, but not where little is left. */
  private int expectedBytes(TailedFile file) {
    long unreadBytes = Math.max(0, file.sizeBytes - file.readPosition());
    return (int) Math.min(lastBatchBytes, 2 * Math.min(unreadBytes, targetBytes)) + 1024;
  }

  /** Adds lines up to the bounds of a batch; what the last look found. */
  private LineReader.Look fillBatch(TailedFile file, EventBatch.Builder batch) throws IOException {
    EncodedHeaders headers = file.headers(options.fileHeader(), options.fileHeaderKey());
    LineReader.Look look = LineReader.Look.LINE;
    while (batch.eventCount() < options.batchSize()) {
      look = file.isFlushDue ? reader.unfinishedLine(file) : reader.nextLine(file);
      file.isFlushDue = false;
      if (look != LineReader.Look.LINE) {
        break;
      }
      if (batch.eventCount() > 0 && batch.encodedBytes() + reader.lineBytes() > targetBytes) {
        break;
      }
      if (reader.truncatedBytes() > 0) {
        troubles.lineTruncated(file, reader.lineBytes(), reader.truncatedBytes());
      }
      batch.add(
          options.byteOffsetHeader() ? withOffset(file) : headers,
          reader.array(),
          reader.lineOffset(),
          reader.lineBytes());
      reader.consume(file);
    }
    return look;
  }

  private EncodedHeaders withOffset(TailedFile file) {
    Map<String, String> map = file.headerMap(options.fileHeader(), options.fileHeaderKey());
    map.put("byteoffset", Long.toString(file.readPosition()));
    return EncodedHeaders.of(map);
  }

  private void startOver(TailedFile file) {
    reader.forget();
    current = null;
    troubles.startedOver(file);
    files.startOver(file);
  }

  private void emit(TailedFile file, EventBatch batch) {
    batchesReceived.increment();
    file.emitted();
    bytesInFlight += batch.encodedBytes();
    lastBatchBytes = batch.encodedBytes();
    window.emit(new Emitted(file, file.readPosition(), file.readMark()), batch);
  }

  private void updateGauges() {
    long behind = 0;
    for (TailedFile file : files.files()) {
      behind += Math.max(0, file.sizeBytes - file.confirmedPosition());
    }
    bytesBehind = behind;
    filesFollowed = files.files().size();
    filesOpen = files.openFiles();
  }

  /** Moves positions as the channels answer. */
  private final class Answers implements EmitWindow.Listener<Emitted> {
    @Override
    public void settled(Emitted emitted, EventBatch batch, int rejectedEvents) {
      if (rejectedEvents < batch.eventCount()) {
        batchesAccepted.increment();
      }
      bytesInFlight -= batch.encodedBytes();
      emitted.file().confirm(emitted.endPosition(), emitted.endMark());
    }

    @Override
    public void rejected(Emitted emitted, int index, EventBatch event, RejectedException reason) {
      troubles.rejected(emitted.file(), emitted.endPosition(), event.eventCount(), reason);
    }

    @Override
    public void failed(Emitted emitted, EventBatch batch, Throwable reason) {
      troubles.channelFailed(emitted.file().path(), reason);
    }
  }
}
