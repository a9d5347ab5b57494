/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.app.BuildVersion;
import io.millrace.app.CommandFailedException;
import io.millrace.journal.Journal;
import io.millrace.journal.JournalEvent;
import io.millrace.journal.JournalException;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.disk.NioDisk;
import io.millrace.journal.inspect.AbsentLane;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.SegmentReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace channel repair}. */
@Command(
    name = "repair",
    description = {
      "Does what the next start of the agent would do by itself: leaves out a write that a crash",
      "cut short, puts damaged bytes aside, counts what is missing, rebuilds identity files and the",
      "checkpoint. It is never needed for a start. It is here to do that now, with a backup and"
          + " without",
      "an agent, and to forget a directory that is lost for good.",
      "Without --yes it only says what it would do. Damage inside older segments is found and put",
      "aside when an agent reads there; 'verify' tells of it before."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace channel repair -f agent.conf -n a1 --channel c1          what it would do",
      "  millrace channel repair -f agent.conf -n a1 --channel c1 --yes    does it",
      "  millrace channel repair --forget-lane 1 --yes /data/1 /checkpoint",
      "%nExit status: 0 done, or nothing to do; 1 refused; 2 it can't be read."
    })
final class RepairCommand implements Callable<Integer> {
  private static final DateTimeFormatter BACKUP_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
  private static final long MIN_SEGMENT_BYTES = 32 * 1024;
  private static final long MAX_SEGMENT_BYTES = 1L << 30;

  @Spec private CommandSpec spec;
  @Mixin private ChannelTarget target;

  @Option(names = "--yes", description = "Do it. Without it nothing is written.")
  private boolean isMeant;

  @Option(
      names = "--forget-lane",
      paramLabel = "NUMBER",
      description =
          "Give up the lane of a data directory that is lost for good and no longer named: it is"
              + " not asked for any more. May be given several times.")
  private List<Integer> forgotten = new ArrayList<>();

  @Option(names = "--no-backup", description = "Make no copies of the files that are changed.")
  private boolean isWithoutBackup;

  @Override
  public Integer call() {
    ChannelFiles files = target.resolve();
    JournalReport report = files.inspect().report();
    PrintWriter out = spec.commandLine().getOut();
    files.remarks().forEach(remark -> spec.commandLine().getErr().println("millrace: " + remark));
    ChannelFiles.requireReadable(report);
    refuseWhatIsNotSafe(files, report);
    List<Path> checkpoints = checkpointsToForget(files, report);
    try {
      Backup backup = Backup.of(files, report, BACKUP_TIME.format(LocalDateTime.now()));
      sayPlan(files, report, checkpoints, backup);
      if (!isMeant) {
        out.println("\nNothing was written. To do it, say the same with --yes.");
        out.flush();
        return 0;
      }
      if (!isWithoutBackup) {
        backup.write().forEach(made -> out.println("Backup: " + made));
      }
      repair(files, report);
      for (Path checkpoint : checkpoints) {
        Files.delete(checkpoint);
        force(checkpoint.getParent());
        out.println("Deleted " + checkpoint);
      }
    } catch (IOException e) {
      throw new CommandFailedException(
          1, "The repair failed: " + e + ". A backup that was made is beside the directories.", e);
    }
    out.println("Done. An agent can be started on the channel.");
    out.flush();
    return 0;
  }

  private static void refuseWhatIsNotSafe(ChannelFiles files, JournalReport report) {
    if (report.isInUse()) {
      throw new CommandFailedException(
          1, "A running agent has this channel open. Stop it first; nothing was changed.");
    }
    if (files.checkpointDirectories().isEmpty()) {
      throw new CommandFailedException(
          1,
          "A repair needs the checkpoint directory too. Name it beside the data directories, or use"
              + " --conf-file; nothing was changed.");
    }
    if (!report.obstacles().isEmpty()) {
      throw new CommandFailedException(
          1,
          "This can't be repaired, and a start would be refused as well: "
              + report.obstacles().get(0).message()
              + ". "
              + ReportText.remedy(report.obstacles().get(0))
              + " Nothing was changed.");
    }
    if (files.options().isEmpty() && report.copying() == JournalReport.Copying.UNCLEAR) {
      throw new CommandFailedException(
          1,
          "The lanes of this channel have second copies, and these directories do not tell which"
              + " is whose: all data directories are needed, in the order of the configuration."
              + " Use --conf-file; nothing was changed.");
    }
    for (LaneReport lane : report.lanes()) {
      if (!lane.isUsable()) {
        throw new CommandFailedException(
            1,
            lane.directory()
                + ": "
                + ReportText.stateOf(lane)
                + " Nothing was changed. If it is lost for good, repair with the other directories"
                + " only, and --forget-lane.");
      }
    }
  }

  private List<Path> checkpointsToForget(ChannelFiles files, JournalReport report) {
    List<Path> checkpoints = new ArrayList<>();
    for (int laneIndex : forgotten) {
      AbsentLane lane =
          report.absentLanes().stream()
              .filter(absent -> absent.laneIndex() == laneIndex)
              .findFirst()
              .orElseThrow(
                  () ->
                      new CommandFailedException(
                          1,
                          "--forget-lane "
                              + laneIndex
                              + ": no such lane is missing (missing: "
                              + report.absentLanes().stream().map(AbsentLane::laneIndex).toList()
                              + "). Nothing was changed."));
      for (Path directory : files.checkpointDirectories()) {
        Path file = directory.resolve(lane.checkpoint().file().name());
        if (Files.exists(file)) {
          checkpoints.add(file);
        }
      }
    }
    return checkpoints;
  }

  private void sayPlan(
      ChannelFiles files, JournalReport report, List<Path> checkpoints, Backup backup)
      throws IOException {
    StringBuilder text = new StringBuilder("Repair of file channel ");
    text.append(files.title()).append('\n');
    List<String> sentences = new NextStart(report).sentences();
    sentences.forEach(sentence -> text.append("  - ").append(sentence).append('\n'));
    for (Path checkpoint : checkpoints) {
      text.append("  - forgets a lane that is missing: deletes ").append(checkpoint).append('\n');
    }
    if (sentences.isEmpty() && checkpoints.isEmpty()) {
      text.append(
          "  - nothing to repair; the checkpoint and the acknowledgement log are written"
              + " anew\n");
    }
    if (!isWithoutBackup) {
      text.append("Copies of what may change, ")
          .append(Amounts.bytes(backup.bytes()))
          .append(", go to\n");
      for (Path directory : files.dataDirectories()) {
        text.append("  ").append(backup.directoryFor(directory)).append('\n');
      }
      for (Path directory : files.checkpointDirectories()) {
        text.append("  ").append(backup.directoryFor(directory)).append('\n');
      }
    }
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  /** Opens the journal as an agent does, and closes it. */
  private void repair(ChannelFiles files, JournalReport report) {
    PrintWriter out = spec.commandLine().getOut();
    ConcurrentLinkedQueue<String> messages = new ConcurrentLinkedQueue<>();
    JournalOptions options = files.options().orElseGet(() -> options(files, report));
    try (Journal journal =
        Journal.open(options, new NioDisk(), event -> messages.add(text(event)))) {
      messages.add(Amounts.count(journal.recordCount(), "event") + " wait to be delivered.");
    } catch (JournalException e) {
      throw new CommandFailedException(1, "The channel can't be opened: " + e.getMessage(), e);
    }
    messages.forEach(out::println);
  }

  private static String text(JournalEvent event) {
    return event.message();
  }

  /** Files keep the size that they have. */
  private static JournalOptions options(ChannelFiles files, JournalReport report) {
    long bytes =
        report.lanes().stream()
            .flatMap(lane -> lane.segments().stream())
            .filter(segment -> segment.kind() == SegmentReport.Kind.SPARE)
            .mapToLong(segment -> segment.file().bytes())
            .max()
            .orElse(64L << 20);
    JournalOptions.Builder builder =
        JournalOptions.in(files.checkpointDirectories().get(0), files.dataDirectories())
            .segmentBytes(Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, bytes)))
            .copies(report.copying() == JournalReport.Copying.PAIRED ? 2 : 1)
            .codec(files.codec());
    if (files.checkpointDirectories().size() > 1) {
      builder.backupCheckpointDirectory(
          java.util.Optional.of(files.checkpointDirectories().get(1)));
    }
    return builder.build();
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
