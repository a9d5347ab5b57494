/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.components.reader.ReaderTroubles;
import io.millrace.kit.log.LogText;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and says what goes wrong, each kind in at most one log line per {@link #INTERVAL}. Safe
 * for many threads.
 */
final class SpoolTroubles extends ReaderTroubles {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolDirSource.class);

  private final Metrics.Counter eventReadFail;
  private final Metrics.Counter eventsRejected;
  private final Metrics.Counter filesSetAside;
  private final LogLimit readLimit;
  private final LogLimit rejectedLimit;
  private final LogLimit directoryLimit;
  private final LogLimit patternLimit;

  SpoolTroubles(String source, Metrics metrics, LongSupplier nanoTime) {
    super(LOG, source, "events", metrics, nanoTime);
    eventReadFail = metrics.counter("EventReadFail");
    eventsRejected = metrics.counter("EventsRejected");
    filesSetAside = metrics.counter("FilesSetAside");
    readLimit = new LogLimit(INTERVAL, nanoTime);
    rejectedLimit = new LogLimit(INTERVAL, nanoTime);
    directoryLimit = new LogLimit(INTERVAL, nanoTime);
    patternLimit = new LogLimit(INTERVAL, nanoTime);
  }

  void unreadable(Path path, Exception reason) {
    eventReadFail.increment();
    if (readLimit.allows()) {
      LOG.warn(
          "{}: {} can't be read, or marked: {}. The other files go on; it is tried again. ({} such"
              + " lines left out)",
          source(),
          LogText.of(path),
          LogText.of(reason),
          readLimit.takeLeftOut());
    }
  }

  void rejected(SpooledFile file, int events, Throwable reason) {
    eventsRejected.add(events);
    if (rejectedLimit.allows()) {
      LOG.error(
          "{}: {} events of {} can never be accepted and are skipped: {}. ({} such lines left out)",
          source(),
          events,
          LogText.of(file.name()),
          LogText.of(reason),
          rejectedLimit.takeLeftOut());
    }
  }

  /** Each time: there is one line a file. */
  void setAside(SpooledFile file, Path mark) {
    filesSetAside.increment();
    SpooledFile.SetAside why = file.setAside;
    String remedy =
        switch (why.reason()) {
          case CHANGED ->
              "What was written to it behind that is not delivered: put that into the directory"
                  + " under another name. Files must be complete when they come here; settleTime"
                  + " waits for slow writers.";
          case NAME_USED_TWICE ->
              "Give it a name that was not used before to have it read, or delete it.";
          case MALFORMED ->
              "Repair it and put it back under another name to have all of it read, or delete it.";
        };
    LOG.error(
        "{}: {} is set aside as {}: {}. Delivered of it: what is before position {}. {}",
        source(),
        LogText.of(file.path()),
        LogText.of(mark),
        LogText.of(why.detail()),
        file.confirmedMark,
        remedy);
  }

  void tooManyDirectories(Path directory) {
    if (directoryLimit.allows()) {
      LOG.warn(
          "{}: {} and what is below is not read: there are more than {} directories, or it is"
              + " deeper than {}. ({} such lines left out)",
          source(),
          LogText.of(directory),
          SpoolListing.MAX_DIRECTORIES,
          SpoolListing.MAX_DEPTH,
          directoryLimit.takeLeftOut());
    }
  }

  void runaway(String name, Exception reason) {
    if (patternLimit.allows()) {
      LOG.warn(
          "{}: file name {}: {}; it counts as not matched. ({} such lines left out)",
          source(),
          LogText.of(name),
          LogText.of(reason.getMessage()),
          patternLimit.takeLeftOut());
    }
  }
}
