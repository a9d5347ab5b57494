/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.api.DeserializerOptions;
import io.millrace.api.EventDeserializer.DecodeErrorPolicy;
import io.millrace.components.deserializer.LineDeserializerOptions;
import io.millrace.components.spooldir.SpoolDirOptions.ConsumeOrder;
import io.millrace.components.spooldir.SpoolDirOptions.DeletePolicy;
import io.millrace.components.spooldir.SpoolDirOptions.TrackingPolicy;
import io.millrace.components.testing.ToyMetrics;
import io.millrace.components.testing.ToyOutput;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Drives a {@link Spooler} by hand, with clocks of its own, over real files. */
final class SpoolerHarness {
  final Path directory;
  final ToyOutput output = new ToyOutput();
  final ToyMetrics metrics = new ToyMetrics();
  DeletePolicy deletePolicy = DeletePolicy.NEVER;
  TrackingPolicy trackingPolicy = TrackingPolicy.RENAME;
  ConsumeOrder consumeOrder = ConsumeOrder.OLDEST;
  String includePattern = "^.*$";
  String ignorePattern = "^$";
  boolean hasHeaders;
  boolean isRecursive;
  int batchSize = 100;
  DecodeErrorPolicy decodeErrorPolicy = DecodeErrorPolicy.FAIL;
  DeserializerOptions deserializer =
      new LineDeserializerOptions(2048, UTF_8, false, MultilineOptions.NONE);
  Duration settleTime = Duration.ZERO;
  Spooler spooler;
  private PositionSlots slots;
  BooleanSupplier stopRequested = () -> false;
  private boolean isWoken;
  private long nowNanos = 1;
  private long modifiedSeconds = 1_000_000_000;

  SpoolerHarness(Path temporary) {
    directory = temporary.resolve("spool");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SpoolDirOptions options() {
    return new SpoolDirOptions(
        directory,
        ".COMPLETED",
        deletePolicy,
        hasHeaders,
        "file",
        hasHeaders,
        "basename",
        includePattern,
        ignorePattern,
        Path.of(".flumespool"),
        trackingPolicy,
        consumeOrder,
        Duration.ofMillis(500),
        isRecursive,
        Duration.ofSeconds(4),
        batchSize,
        UTF_8,
        decodeErrorPolicy,
        deserializer,
        Optional.empty(),
        Optional.empty(),
        settleTime);
  }

  /** A new source, as after a kill: what the old one had not written is forgotten. */
  void start() {
    try {
      if (spooler != null) {
        spooler.abandon();
        slots.close();
      }
      SpoolDirOptions options = options();
      Path file = options.trackerPath().resolve(SpoolDirSource.POSITIONS_NAME);
      Files.createDirectories(file.getParent());
      slots = PositionSlots.open(file);
      SpoolTroubles troubles = new SpoolTroubles("test", metrics, () -> nowNanos);
      Positions positions = new Positions(slots, file, troubles, nowNanos);
      spooler =
          new Spooler(
              options,
              positions,
              output,
              metrics,
              troubles,
              () -> nowNanos,
              () -> TimeUnit.SECONDS.toNanos(modifiedSeconds) + nowNanos,
              new Random(1),
              () -> isWoken = true,
              () -> stopRequested.getAsBoolean());
      spooler.load(slots.loaded());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes turns for so long. */
  void pass(Duration time) {
    long end = nowNanos + time.toNanos();
    while (true) {
      isWoken = false;
      long turned = spooler.turn();
      long pause = isWoken ? 0 : turned;
      if (nowNanos >= end && pause > 0) {
        return;
      }
      nowNanos += Math.min(Math.max(0, end - nowNanos), pause);
    }
  }

  void settle() {
    pass(Duration.ofSeconds(6));
  }

  /** A file newer than all before. */
  Path write(String name, String text) {
    return write(name, text.getBytes(UTF_8));
  }

  Path write(String name, byte[] bytes) {
    try {
      Path path = directory.resolve(name);
      Files.createDirectories(path.getParent());
      // A source that runs may take a new file as soon as it is there.
      boolean isNew = !Files.exists(path);
      Path written = isNew ? directory.resolveSibling("aside") : path;
      Files.write(written, bytes);
      Files.setLastModifiedTime(written, FileTime.from(++modifiedSeconds, TimeUnit.SECONDS));
      return isNew ? Files.move(written, path) : path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names in the directory and below, but for the tracker's. */
  List<String> names() {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .map(path -> directory.relativize(path).toString())
          .filter(name -> !name.startsWith(".flumespool/millrace"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long counted(String counter) {
    return metrics.counter(counter).value();
  }
}
