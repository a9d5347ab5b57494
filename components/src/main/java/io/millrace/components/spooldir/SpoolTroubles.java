/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.MillraceException;
import io.millrace.kit.log.LogText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and says what goes wrong, each kind in at most one log line per {@link #INTERVAL}. Safe
 * for many threads.
 */
final class SpoolTroubles {
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(SpoolDirSource.class);

  private final String source;
  private final Metrics.Counter eventReadFail;
  private final Metrics.Counter channelWriteFail;
  private final Metrics.Counter genericProcessingFail;
  private final Metrics.Counter eventsRejected;
  private final Metrics.Counter positionWriteFail;
  private final Metrics.Counter filesSetAside;
  private final LogLimit readLimit;
  private final LogLimit channelLimit;
  private final LogLimit rejectedLimit;
  private final LogLimit saveLimit;
  private final LogLimit directoryLimit;
  private final LogLimit patternLimit;
  private final LogLimit defectLimit;

  SpoolTroubles(String source, Metrics metrics, LongSupplier nanoTime) {
    this.source = source;
    eventReadFail = metrics.counter("EventReadFail");
    channelWriteFail = metrics.counter("ChannelWriteFail");
    genericProcessingFail = metrics.counter("GenericProcessingFail");
    eventsRejected = metrics.counter("EventsRejected");
    positionWriteFail = metrics.counter("PositionWriteFail");
    filesSetAside = metrics.counter("FilesSetAside");
    readLimit = new LogLimit(INTERVAL, nanoTime);
    channelLimit = new LogLimit(INTERVAL, nanoTime);
    rejectedLimit = new LogLimit(INTERVAL, nanoTime);
    saveLimit = new LogLimit(INTERVAL, nanoTime);
    directoryLimit = new LogLimit(INTERVAL, nanoTime);
    patternLimit = new LogLimit(INTERVAL, nanoTime);
    defectLimit = new LogLimit(INTERVAL, nanoTime);
  }

  void unreadable(Path path, Exception reason) {
    eventReadFail.increment();
    if (readLimit.allows()) {
      LOG.warn(
          "{}: {} can't be read, or marked: {}. The other files go on; it is tried again. ({} such"
              + " lines left out)",
          source,
          LogText.of(path),
          LogText.of(reason),
          readLimit.takeLeftOut());
    }
  }

  void channelFailed(SpooledFile file, Throwable reason) {
    boolean isOfChannel = reason instanceof MillraceException;
    (isOfChannel ? channelWriteFail : genericProcessingFail).increment();
    if (channelLimit.allows()) {
      LOG.warn(
          "{}: the channels did not take events of {}: {}. They are tried again, nothing is"
              + " skipped. ({} such lines left out)",
          source,
          LogText.of(file.name()),
          LogText.of(reason),
          channelLimit.takeLeftOut());
    }
  }

  void rejected(SpooledFile file, int events, Throwable reason) {
    eventsRejected.add(events);
    if (rejectedLimit.allows()) {
      LOG.error(
          "{}: {} events of {} can never be accepted and are skipped: {}. ({} such lines left out)",
          source,
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
        source,
        LogText.of(file.path()),
        LogText.of(mark),
        LogText.of(why.detail()),
        file.confirmedMark,
        remedy);
  }

  void notSaved(Path positions, Exception reason) {
    positionWriteFail.increment();
    if (saveLimit.allows()) {
      LOG.error(
          "{}: positions can't be saved to {}: {}. Reading goes on; after a crash events since the"
              + " last save are delivered again. ({} such lines left out)",
          source,
          positions,
          LogText.of(reason),
          saveLimit.takeLeftOut());
    }
  }

  void tooManyDirectories(Path directory) {
    if (directoryLimit.allows()) {
      LOG.warn(
          "{}: {} and what is below is not read: there are more than {} directories, or it is"
              + " deeper than {}. ({} such lines left out)",
          source,
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
          source,
          LogText.of(name),
          LogText.of(reason.getMessage()),
          patternLimit.takeLeftOut());
    }
  }

  /** A defect of ours met in a turn. */
  void defect(RuntimeException defect) {
    genericProcessingFail.increment();
    if (defectLimit.allows()) {
      LOG.error(
          "{}: unexpected failure; the source goes on after a pause. ({} such lines left out)",
          source,
          defectLimit.takeLeftOut(),
          defect);
    }
  }

  void say(String message, Object... arguments) {
    Object[] safe = new Object[arguments.length];
    for (int i = 0; i < safe.length; i++) {
      safe[i] = LogText.of(arguments[i]);
    }
    LOG.info(source + ": " + message, safe);
  }

  void warn(String message, Object... arguments) {
    Object[] safe = new Object[arguments.length];
    for (int i = 0; i < safe.length; i++) {
      safe[i] = LogText.of(arguments[i]);
    }
    LOG.warn(source + ": " + message, safe);
  }
}
