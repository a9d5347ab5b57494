/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import java.time.Duration;
import java.util.Optional;

/** When a file is closed and the next one begun. Immutable. */
public record RollOptions(
    @Option(
            name = "hdfs.rollInterval",
            doc = "Age at which a file is closed; 0 for never. Without any roll option: 30 s.",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Optional<Duration> interval,
    @Option(
            name = "hdfs.rollSize",
            doc = "Body bytes after which a file is closed; 0 for any number. Default: 1024.",
            bareUnit = BareUnit.BYTES)
        Optional<DataSize> size,
    @Option(
            name = "hdfs.rollCount",
            doc = "Events after which a file is closed; 0 for any number. Default: 10.",
            min = 0)
        Optional<Long> count,
    @Option(
            name = "hdfs.idleTimeout",
            doc = "Time without events after which a file is closed; 0 for never.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration idleTimeout,
    @Option(
            name = "hdfs.minBlockReplicas",
            doc =
                "Copies of the block under way below which a file is closed and another begun;"
                    + " without it as many as the file system is to keep. 0 or 1: never.",
            min = 0)
        Optional<Integer> minBlockReplicas,
    @Option(
            name = "millrace.roll",
            doc =
                "Defaults of the roll options: flume (30 s, 1024 bytes, 10 events: very many small"
                    + " files) or large (10 minutes, 128 MiB, any number of events, a minute"
                    + " idle).",
            def = "flume")
        Defaults defaults) {
  /** What the options are when they are not set. */
  public enum Defaults {
    FLUME,
    LARGE
  }

  long intervalNanos() {
    return interval
        .orElse(defaults == Defaults.LARGE ? Duration.ofMinutes(10) : Duration.ofSeconds(30))
        .toNanos();
  }

  long bytes() {
    return size.map(DataSize::bytes).orElse(defaults == Defaults.LARGE ? 128L << 20 : 1024);
  }

  long events() {
    return count.orElse(defaults == Defaults.LARGE ? 0L : 10L);
  }

  long idleNanos() {
    return (defaults == Defaults.LARGE && idleTimeout.isZero()
            ? Duration.ofMinutes(1)
            : idleTimeout)
        .toNanos();
  }

  /** Whether files are as small as Flume makes them when nothing is said. */
  boolean isFlumesDefault() {
    return defaults == Defaults.FLUME
        && interval.isEmpty()
        && size.isEmpty()
        && count.isEmpty()
        && idleTimeout.isZero();
  }

  /** Whether nothing ever closes a file. */
  boolean isNever() {
    return intervalNanos() == 0 && bytes() == 0 && events() == 0 && idleNanos() == 0;
  }
}
