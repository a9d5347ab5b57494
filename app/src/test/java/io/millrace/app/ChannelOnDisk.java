/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.api.EventBatch;
import io.millrace.journal.Journal;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.Lease;
import io.millrace.journal.disk.NioDisk;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.FrameLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A file channel of one lane in a directory, and the command run on it. Confined to one test. */
final class ChannelOnDisk {
  private static final int EVENTS_PER_BATCH = 3;

  final Path root;
  final Path data;
  final Path checkpoint;

  ChannelOnDisk(Path root) {
    this.root = root;
    data = root.resolve("data");
    checkpoint = root.resolve("checkpoint");
  }

  JournalOptions.Builder options() {
    return JournalOptions.in(checkpoint, List.of(data)).segmentBytes(32 * 1024).reserveBytes(0);
  }

  /** Batches of three events whose bodies are their sequences. */
  static void append(Journal journal, int batches) {
    for (int i = 0; i < batches; i++) {
      EventBatch.Builder builder = EventBatch.builder();
      for (int k = 0; k < EVENTS_PER_BATCH; k++) {
        String body = "event " + (i * EVENTS_PER_BATCH + k) + ".".repeat(500);
        builder.add(
            EventBatch.of(Map.of("host", "web\u001b[31m1"), body.getBytes(StandardCharsets.UTF_8))
                .iterator()
                .next());
      }
      EventBatch batch = builder.build();
      batch
          .lend(
              (array, offset, length) -> journal.append(array, offset, length, batch.eventCount()))
          .join();
    }
  }

  void fill(int batches, int taken) {
    try (Journal journal = Journal.open(options().build(), new NioDisk(), event -> {})) {
      append(journal, batches);
      if (taken > 0) {
        Lease lease = journal.poll(taken, 1 << 20);
        lease.acknowledge();
      }
    }
  }

  CommandRun run(String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of("channel", command));
    arguments.addAll(List.of(more));
    arguments.add(data.toString());
    arguments.add(checkpoint.toString());
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  /** Paths and times out of it. */
  String plain(String text) {
    return text.replace(root.toString(), "ROOT")
        .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "UUID")
        .replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d", "TIME")
        .replaceAll("\\d+ seconds? old", "N seconds old")
        .replaceAll("[0-9.]+ [KMGT]iB free", "SPACE free")
        .replaceAll("in \\d+\\.\\d s", "in N s");
  }

  List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return files.filter(file -> file.toString().endsWith(".seg")).sorted().toList();
    }
  }

  /** Flips a bit in the payload of the frame with that sequence; returns file and position. */
  String damage(long firstSequence) throws IOException {
    for (Path file : segments()) {
      byte[] content = Files.readAllBytes(file);
      ByteBuffer buffer = ByteBuffer.wrap(content);
      for (int at = 4096; at + 72 <= content.length; at += 8) {
        FrameHeader header = FrameHeader.decode(buffer, at);
        boolean isIt =
            header != null
                && header.firstSequence() == firstSequence
                && header.use().ordinal() == buffer.getLong(40);
        if (isIt) {
          content[at + FrameLayout.HEADER_BYTES + 20] ^= 4;
          Files.write(file, content);
          return file.getFileName() + ", bytes " + at + "-" + (header.endPosition() - 1);
        }
      }
    }
    throw new AssertionError("no frame " + firstSequence);
  }

  Map<String, String> tree() throws IOException {
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.toList()) {
        String what =
            Files.isDirectory(file)
                ? "directory"
                : ByteBuffer.wrap(Files.readAllBytes(file)).hashCode()
                    + " "
                    + Files.getLastModifiedTime(file);
        tree.put(file.toString(), what);
      }
    }
    return tree;
  }
}
