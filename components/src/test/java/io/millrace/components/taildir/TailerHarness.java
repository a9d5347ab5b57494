/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.api.DataSize;
import io.millrace.components.testing.ToyMetrics;
import io.millrace.components.testing.ToyOutput;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Drives a {@link Tailer} by hand, with a clock of its own, over real files. */
final class TailerHarness {
  final Path directory;
  final ToyOutput output = new ToyOutput();
  final ToyMetrics metrics = new ToyMetrics();
  final Map<String, String> groups = new LinkedHashMap<>();
  final Map<String, String> headers = new LinkedHashMap<>();
  final PositionFile positionFile;
  FileAccess access = new LocalFiles();
  boolean byteOffsetHeader;
  boolean skipToEnd;
  boolean cachePatternMatching = true;
  boolean fileHeader;
  int batchSize = 100;
  long maxBatchCount = Long.MAX_VALUE;
  long maxLineBytes = 1 << 20;
  int maxOpenFiles = 1000;
  MultilineOptions multiline = MultilineOptions.NONE;
  Tailer tailer;
  volatile boolean isStopping;

  /** Time that passes by itself whenever somebody looks at the clock. */
  long nanosPerLook;

  private long nowNanos = 1;

  TailerHarness(Path temporary) {
    this.directory = temporary.resolve("logs");
    this.positionFile = new PositionFile(temporary.resolve("positions.json"));
    groups.put("g", directory + "/app\\.log.*");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TaildirOptions options() {
    return new TaildirOptions(
        List.copyOf(groups.keySet()),
        groups,
        positionFile.path(),
        headers,
        byteOffsetHeader,
        skipToEnd,
        Duration.ofMinutes(2),
        Duration.ofSeconds(3),
        batchSize,
        maxBatchCount,
        cachePatternMatching,
        fileHeader,
        "file",
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        DataSize.ofBytes(maxLineBytes),
        maxOpenFiles,
        multiline);
  }

  /** A new source, as after a crash: what the old one had not saved is forgotten. */
  void start() {
    if (tailer != null) {
      // A crash closes files too; only the handles of the test run are spared here.
      tailer.abandon();
    }
    Troubles troubles = new Troubles("test", metrics, this::nanoTime);
    tailer =
        new Tailer(
            options(),
            access,
            positionFile,
            output,
            metrics,
            troubles,
            this::nanoTime,
            new Random(1),
            () -> {},
            () -> isStopping);
    try {
      tailer.load(positionFile.load().positions());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An orderly stop. */
  void stop() {
    tailer.stopReading();
    tailer.turn();
    tailer.close();
  }

  long nanoTime() {
    nowNanos += nanosPerLook;
    return nowNanos;
  }

  /** Takes turns until nothing is left to do at this moment, then lets time pass. */
  void pass(Duration time) {
    long end = nowNanos + time.toNanos();
    while (true) {
      long pause = tailer.turn();
      if (nowNanos >= end && pause > 0) {
        return;
      }
      nowNanos += Math.min(Math.max(0, end - nowNanos), pause);
    }
  }

  /** Long enough for every look at the directories to have taken place. */
  void settle() {
    pass(Duration.ofSeconds(6));
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  void append(String name, String text) {
    append(file(name), text);
  }

  static void append(Path path, String text) {
    try {
      Files.write(path, text.getBytes(UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void truncate(String name) {
    try {
      Files.write(file(name), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void rename(String from, String to) {
    try {
      Files.move(file(from), file(to), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void delete(String name) {
    try {
      Files.delete(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines that end with numbers. */
  static String lines(String prefix, int from, int to) {
    return String.join("", numbered(prefix, from, to).stream().map(line -> line + "\n").toList());
  }

  /** A list to which others may be added. */
  static List<String> numbered(String prefix, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(number -> prefix + number)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
