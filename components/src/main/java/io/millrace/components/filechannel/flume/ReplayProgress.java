/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.LogLimit;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says every few seconds how far the replay has come. Confined to one thread. */
final class ReplayProgress {
  private static final Logger log = LoggerFactory.getLogger(ReplayProgress.class);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

  /** The clock is not asked for every record. */
  private static final int RECORDS_PER_LOOK = 1 << 14;

  private final String channel;
  private final long totalBytes;
  private final LogLimit limit = new LogLimit(BETWEEN_LINES);
  private long readBytes;
  private long records;
  private long events;

  ReplayProgress(String channel, long totalBytes) {
    this.channel = channel;
    this.totalBytes = totalBytes;
    // The first line comes after the first interval: most replays are over before.
    limit.allows();
  }

  void read(long bytes) {
    readBytes += bytes;
    if (++records % RECORDS_PER_LOOK == 0 && limit.allows()) {
      limit.takeLeftOut();
      log.info(
          "Channel {}: reads the data files of Apache Flume: {} of at most {} MiB, {} records,"
              + " about {} events to deliver so far",
          channel,
          readBytes >> 20,
          totalBytes >> 20,
          records,
          Math.max(0, events));
    }
  }

  void found(long eventCount) {
    events = eventCount;
  }
}
