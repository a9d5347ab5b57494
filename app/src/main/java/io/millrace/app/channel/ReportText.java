/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.JournalException;
import io.millrace.journal.codec.Compression;
import io.millrace.journal.inspect.AbsentLane;
import io.millrace.journal.inspect.CheckpointReport;
import io.millrace.journal.inspect.FileReport;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.Obstacle;
import io.millrace.journal.inspect.SegmentReport;
import io.millrace.kit.log.InertText;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a channel's files hold, as text. Confined to one thread. */
final class ReportText {
  private static final String LABEL = "  %-12s";

  /** Segments listed unless all are asked for: the oldest and the newest. */
  private static final int LISTED_SEGMENTS = 6;

  private final ChannelFiles files;
  private final JournalReport report;
  private final Instant now;
  private final ZoneId zone;
  private final boolean showsAllSegments;
  private final StringBuilder text = new StringBuilder();

  ReportText(
      ChannelFiles files,
      JournalReport report,
      Instant now,
      ZoneId zone,
      boolean showsAllSegments) {
    this.files = files;
    this.report = report;
    this.now = now;
    this.zone = zone;
    this.showsAllSegments = showsAllSegments;
  }

  String info() {
    text.append("File channel ").append(files.title()).append('\n');
    report.journalId().ifPresent(id -> line("journal", id + ", format 1"));
    line("in use", report.isInUse() ? "yes, by a running agent: the figures move" : "no");
    line("waiting", Amounts.count(report.waitingRecords(), "event"));
    contents();
    report.lanes().forEach(this::lane);
    report.absentLanes().forEach(this::absent);
    text.append(new NextStart(report).text());
    return text.toString();
  }

  private void line(String label, String value) {
    text.append(String.format(Locale.ROOT, LABEL, label)).append(value).append('\n');
  }

  /** How what waits is packed and sealed, as far as the samples tell. */
  private void contents() {
    Map<String, Integer> keys = new TreeMap<>();
    Map<String, Integer> packings = new TreeMap<>();
    long storedBytes = 0;
    long plainBytes = 0;
    for (LaneReport lane : report.lanes()) {
      for (SegmentReport segment : lane.segments()) {
        if (segment.sample().isPresent()) {
          SegmentReport.Sample sample = segment.sample().get();
          keys.merge(
              sample.keyAlias().map(k -> "key " + printable(k)).orElse("not"), 1, Integer::sum);
          packings.merge(packing(sample.compression()), 1, Integer::sum);
          boolean isMeasured = sample.compression() != Compression.NONE && sample.plainBytes() >= 0;
          storedBytes += isMeasured ? sample.storedBytes() : 0;
          plainBytes += isMeasured ? sample.plainBytes() : 0;
        }
      }
    }
    if (!keys.isEmpty()) {
      line("sealed", inSegments(keys));
      String ratio =
          storedBytes == 0
              ? ""
              : String.format(
                  Locale.ROOT,
                  "; about %.1f : 1, by one batch a segment",
                  (double) plainBytes / storedBytes);
      line("packed", inSegments(packings) + ratio);
    }
  }

  static String packing(int compression) {
    return switch (compression) {
      case Compression.NONE -> "not";
      case Compression.LZ4 -> "lz4";
      case Compression.ZSTD -> "zstd";
      default -> "unknown (" + compression + ")";
    };
  }

  private static String inSegments(Map<String, Integer> counts) {
    if (counts.size() == 1) {
      String only = counts.keySet().iterator().next();
      return only.equals("not") ? "no" : only;
    }
    List<String> parts = new ArrayList<>();
    counts.forEach((what, count) -> parts.add(what + " in " + Amounts.count(count, "segment")));
    return String.join(", ", parts);
  }

  private static String printable(String foreign) {
    return InertText.of(foreign, 100);
  }

  private void lane(LaneReport lane) {
    text.append('\n').append(lane.isUsable() ? "Lane " + lane.laneIndex() : "Not a lane");
    text.append("  ").append(lane.directory()).append('\n');
    if (!lane.isUsable()) {
      line("trouble", stateOf(lane));
      return;
    }
    if (lane.state() == LaneReport.State.NEW && lane.segments().isEmpty()) {
      line("trouble", "nothing is in the directory: the next start begins a new lane there");
      return;
    }
    line(
        "waiting",
        Amounts.count(lane.waitingRecords(), "event")
            + "; next sequence "
            + lane.nextSequence()
            + ", all below "
            + lane.lowWater()
            + " delivered");
    lane.copies()
        .map(CopyText::lines)
        .ifPresent(
            lines -> {
              line("copies", lines.get(0));
              lines.subList(1, lines.size()).forEach(each -> line("", each));
            });
    line("segments", segmentCounts(lane));
    if (lane.usableBytes() >= 0) {
      line("disk", Amounts.bytes(lane.usableBytes()) + " free");
    }
    lane.checkpoints().forEach(this::checkpoint);
    if (lane.checkpoints().isEmpty() && report.isCheckpointKnown()) {
      line("checkpoint", "none");
    }
    fileList("quarantine", lane.quarantined());
    fileList("unfinished", lane.unfinished());
    segmentTable(lane);
  }

  /** In a word or two. */
  static String stateOf(LaneReport lane) {
    return switch (lane.state()) {
      case USABLE, NEW -> "can be used";
      case MISSING -> lane.trouble() + ". If it is on a disk of its own, is that mounted?";
      case UNREADABLE -> "can't be read: " + lane.trouble() + ". See the kernel's log (dmesg).";
      case FOREIGN -> lane.trouble();
      case NEWER -> "written by a later version of Millrace: " + lane.trouble();
    };
  }

  private static String segmentCounts(LaneReport lane) {
    List<String> parts = new ArrayList<>();
    for (SegmentReport.Kind kind : SegmentReport.Kind.values()) {
      List<SegmentReport> those =
          lane.segments().stream().filter(segment -> segment.kind() == kind).toList();
      long bytes = those.stream().mapToLong(segment -> segment.file().bytes()).sum();
      if (!those.isEmpty() || kind == SegmentReport.Kind.LIVE) {
        parts.add(those.size() + " " + word(kind) + " (" + Amounts.bytes(bytes) + ")");
      }
    }
    return String.join(", ", parts);
  }

  static String word(SegmentReport.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private void checkpoint(CheckpointReport checkpoint) {
    String state =
        switch (checkpoint.state()) {
          case VALID -> "valid, " + Amounts.age(checkpoint.file().modified(), now);
          case DAMAGED -> "damaged; only a hint, it costs no event";
          case FOREIGN -> "of another channel; not used";
        };
    line("checkpoint", checkpoint.file().path() + ": " + state);
  }

  private void fileList(String label, List<FileReport> those) {
    long bytes = those.stream().mapToLong(FileReport::bytes).sum();
    if (those.size() == 1) {
      line(label, those.get(0).name() + ", " + Amounts.bytes(bytes));
    } else if (!those.isEmpty()) {
      line(label, those.size() + " files, " + Amounts.bytes(bytes));
    }
  }

  private void segmentTable(LaneReport lane) {
    List<SegmentReport> used =
        lane.segments().stream()
            .filter(segment -> showsAllSegments || segment.kind() != SegmentReport.Kind.SPARE)
            .toList();
    if (used.isEmpty()) {
      return;
    }
    TextGrid grid = new TextGrid("    ", "llrrrl");
    grid.row("SEGMENT", "STATE", "SEQUENCES", "WAITING", "SIZE", "LAST WRITTEN");
    int hidden = showsAllSegments ? 0 : Math.max(0, used.size() - LISTED_SEGMENTS);
    for (int i = 0; i < used.size(); i++) {
      if (hidden > 0 && i == LISTED_SEGMENTS / 2) {
        grid.row("...", hidden + " more");
      }
      if (i < LISTED_SEGMENTS / 2 || i >= LISTED_SEGMENTS / 2 + hidden) {
        row(grid, used.get(i));
      }
    }
    grid.appendTo(text);
  }

  private void row(TextGrid grid, SegmentReport segment) {
    boolean hasSequences = segment.firstSequence() < segment.endSequence();
    grid.row(
        segment.file().name(),
        word(segment.kind()) + (segment.isSalvaged() ? ", header damaged" : ""),
        hasSequences ? segment.firstSequence() + "-" + (segment.endSequence() - 1) : "",
        hasSequences ? Amounts.count(segment.waitingRecords()) : "",
        Amounts.bytes(segment.file().bytes()),
        segment.file().modified().map(time -> Amounts.time(time, zone)).orElse("")
            + (segment.remark().isEmpty() ? "" : "  " + segment.remark()));
  }

  private void absent(AbsentLane lane) {
    text.append('\n').append("Lane ").append(lane.laneIndex()).append("  MISSING\n");
    line(
        "trouble",
        "a checkpoint tells of it, but none of the data directories is it: a disk not mounted?");
    CheckpointReport checkpoint = lane.checkpoint();
    if (checkpoint.state() == CheckpointReport.State.VALID) {
      line(
          "waiting",
          Amounts.count(checkpoint.waitingRecords(), "event")
              + " when the checkpoint was written ("
              + Amounts.age(checkpoint.file().modified(), now)
              + ")");
    }
    line("", "lost for good? millrace channel repair --forget-lane " + lane.laneIndex());
  }

  /** What to do about what keeps a start from happening. */
  static String remedy(Obstacle obstacle) {
    return obstacle.code() == JournalException.Code.KEY_MISSING
        ? "Name the key store that has the key in the channel's encryption options, and use"
            + " --conf-file."
        : obstacle.code() == JournalException.Code.KEY_WRONG
            ? "The key store holds another key of that name: take the one of before."
            : obstacle.code() == JournalException.Code.FORMAT_NEWER
                ? "Use the version of Millrace that wrote it, or a later one."
                : "Use directories of one channel only.";
  }
}
