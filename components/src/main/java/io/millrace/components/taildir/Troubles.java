/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.components.reader.ReaderTroubles;
import io.millrace.kit.log.LogText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and says what goes wrong, each kind in at most one log line per {@link #INTERVAL}. Safe
 * for many threads.
 */
final class Troubles extends ReaderTroubles {
  private static final Logger LOG = LoggerFactory.getLogger(TaildirSource.class);

  private final Metrics.Counter eventReadFail;
  private final Metrics.Counter linesTruncated;
  private final Metrics.Counter eventsRejected;
  private final Metrics.Counter bytesLost;
  private final Metrics.Counter filesStartedOver;
  private final Metrics.Counter positionsForgotten;
  private final LogLimit startedOverLimit;
  private final LogLimit readLimit;
  private final LogLimit rejectedLimit;
  private final LogLimit lineLimit;
  private final LogLimit lostLimit;
  private final LogLimit inflationLimit;

  Troubles(String source, Metrics metrics, LongSupplier nanoTime) {
    super(LOG, source, "lines", metrics, nanoTime);
    eventReadFail = metrics.counter("EventReadFail");
    linesTruncated = metrics.counter("LinesTruncated");
    eventsRejected = metrics.counter("EventsRejected");
    bytesLost = metrics.counter("BytesLost");
    filesStartedOver = metrics.counter("FilesStartedOver");
    positionsForgotten = metrics.counter("PositionsForgotten");
    startedOverLimit = new LogLimit(INTERVAL, nanoTime);
    readLimit = new LogLimit(INTERVAL, nanoTime);
    rejectedLimit = new LogLimit(INTERVAL, nanoTime);
    lineLimit = new LogLimit(INTERVAL, nanoTime);
    lostLimit = new LogLimit(INTERVAL, nanoTime);
    inflationLimit = new LogLimit(INTERVAL, nanoTime);
  }

  /** A file can't be read; counted each time, said once until it can be read again. */
  void unreadable(TailedFile file, Exception reason) {
    if (file.isFailureSaid) {
      eventReadFail.increment();
    } else {
      file.isFailureSaid = unreadable(file.path(), reason);
    }
  }

  /** A path can't be looked at or read; whether it was said. */
  boolean unreadable(Path path, Exception reason) {
    eventReadFail.increment();
    if (!readLimit.allows()) {
      return false;
    }
    LOG.warn(
        "{}: {} can't be read: {}. The other files go on; it is tried again with each look at its"
            + " directory. ({} such lines left out)",
        source(),
        LogText.of(path),
        LogText.of(reason),
        readLimit.takeLeftOut());
    return true;
  }

  void rejected(TailedFile file, long position, int events, Throwable reason) {
    eventsRejected.add(events);
    if (rejectedLimit.allows()) {
      LOG.error(
          "{}: {} lines of {} before position {} can never be accepted and are skipped: {}. ({}"
              + " such lines left out)",
          source(),
          events,
          LogText.of(file.path()),
          position,
          LogText.of(reason),
          rejectedLimit.takeLeftOut());
    }
  }

  void lineTruncated(TailedFile file, int keptBytes, long leftOutBytes) {
    linesTruncated.increment();
    if (lineLimit.allows()) {
      LOG.warn(
          "{}: line at position {} of {}: {} bytes (expected: at most {}). The first {} bytes are"
              + " delivered, the rest is left out. ({} such lines left out)",
          source(),
          file.readPosition(),
          LogText.of(file.path()),
          keptBytes + leftOutBytes,
          keptBytes,
          keptBytes,
          lineLimit.takeLeftOut());
    }
  }

  /** A file went away, or was truncated, before all of it was read. */
  void lost(TailedFile file, long bytes, String how) {
    bytesLost.add(bytes);
    if (lostLimit.allows()) {
      LOG.error(
          "{}: {} was {} with {} bytes unread behind position {}: they are lost. ({} such lines"
              + " left out)",
          source(),
          LogText.of(file.path()),
          how,
          bytes,
          file.readPosition(),
          lostLimit.takeLeftOut());
    }
  }

  /** A file does not hold what was read of it: it is read from its beginning. */
  void startedOver(TailedFile file) {
    filesStartedOver.increment();
    if (startedOverLimit.allows()) {
      LOG.info(
          "{}: {} was truncated or replaced (position {}, now {} bytes); it is read from its"
              + " beginning. ({} such lines left out)",
          source(),
          LogText.of(file.path()),
          file.readPosition(),
          file.sizeBytes,
          startedOverLimit.takeLeftOut());
    }
  }

  /** More files than are remembered were not found; once a start, so that no limit is needed. */
  void forgotten(int positions) {
    positionsForgotten.add(positions);
    LOG.warn(
        "{}: positions of {} files that were not found are forgotten, the oldest ones (kept: {}). A"
            + " file of them that comes back is read like a new one.",
        source(),
        positions,
        Remembered.MAX_LOADED);
  }

  /** A long compressed file is being inflated. */
  void inflating(Path path, long inflatedBytes) {
    if (inflationLimit.allows()) {
      LOG.info(
          "{}: {} is inflated to see whether its content was read before: {} bytes so far, and it"
              + " goes on. ({} such lines left out)",
          source(),
          LogText.of(path),
          inflatedBytes,
          inflationLimit.takeLeftOut());
    }
  }

  /** A compressed file is none after all; said once of each as it is. */
  void notInflated(Path path, IOException reason) {
    eventReadFail.increment();
    if (readLimit.allows()) {
      LOG.warn(
          "{}: {} is not read: {}. It is tried again when it has changed. ({} such lines left out)",
          source(),
          LogText.of(path),
          LogText.of(reason),
          readLimit.takeLeftOut());
    }
  }

  /** A directory is left out, since there are too many. */
  void tooManyDirectories(Path directory, int limit) {
    if (readLimit.allows()) {
      LOG.warn(
          "{}: {} is not followed: the file groups have more than {} directories. ({} such lines"
              + " left out)",
          source(),
          LogText.of(directory),
          limit,
          readLimit.takeLeftOut());
    }
  }
}
