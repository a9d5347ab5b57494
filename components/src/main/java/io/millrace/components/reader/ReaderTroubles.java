/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.reader;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.MillraceException;
import io.millrace.kit.log.LogText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Counts and says what goes wrong in a source that reads files, each kind in at most one log line
 * per {@link #INTERVAL}. Safe for many threads.
 */
public abstract class ReaderTroubles {
  protected static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Logger log;
  private final String source;
  private final String what;
  private final Metrics.Counter channelWriteFail;
  private final Metrics.Counter genericProcessingFail;
  private final Metrics.Counter positionWriteFail;
  private final LogLimit channelLimit;
  private final LogLimit saveLimit;
  private final LogLimit defectLimit;

  /**
   * @param source its name
   * @param what it reads: lines or events
   */
  protected ReaderTroubles(
      Logger log, String source, String what, Metrics metrics, LongSupplier nanoTime) {
    this.log = log;
    this.source = source;
    this.what = what;
    channelWriteFail = metrics.counter("ChannelWriteFail");
    genericProcessingFail = metrics.counter("GenericProcessingFail");
    positionWriteFail = metrics.counter("PositionWriteFail");
    channelLimit = new LogLimit(INTERVAL, nanoTime);
    saveLimit = new LogLimit(INTERVAL, nanoTime);
    defectLimit = new LogLimit(INTERVAL, nanoTime);
  }

  protected final String source() {
    return source;
  }

  /** The channels did not take what was read of a file. */
  public final void channelFailed(Path file, Throwable reason) {
    boolean isOfChannel = reason instanceof MillraceException;
    (isOfChannel ? channelWriteFail : genericProcessingFail).increment();
    if (channelLimit.allows()) {
      log.warn(
          "{}: the channels did not take {} of {}: {}. They are tried again, nothing is skipped."
              + " ({} such lines left out)",
          source,
          what,
          LogText.of(file),
          LogText.of(reason),
          channelLimit.takeLeftOut());
    }
  }

  public final void notSaved(Path positionFile, Exception reason) {
    positionWriteFail.increment();
    if (saveLimit.allows()) {
      log.error(
          "{}: positions can't be saved to {}: {}. Reading goes on; after a crash {} since the last"
              + " save are delivered again. ({} such lines left out)",
          source,
          positionFile,
          LogText.of(reason),
          what,
          saveLimit.takeLeftOut());
    }
  }

  /** A defect of ours met in a turn. */
  public final void defect(RuntimeException defect) {
    genericProcessingFail.increment();
    if (defectLimit.allows()) {
      log.error(
          "{}: unexpected failure; the source goes on after a pause. ({} such lines left out)",
          source,
          defectLimit.takeLeftOut(),
          defect);
    }
  }

  /** Each time: for what is rare. */
  public final void say(String message, Object... arguments) {
    log.info(source + ": " + message, safe(arguments));
  }

  /** As {@link #say}, of what somebody should look at. */
  public final void warn(String message, Object... arguments) {
    log.warn(source + ": " + message, safe(arguments));
  }

  private static Object[] safe(Object... arguments) {
    Object[] safe = new Object[arguments.length];
    for (int i = 0; i < safe.length; i++) {
      safe[i] = LogText.of(arguments[i]);
    }
    return safe;
  }
}
