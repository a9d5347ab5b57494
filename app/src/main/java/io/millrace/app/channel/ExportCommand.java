/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.api.DataSize;
import io.millrace.app.BuildVersion;
import io.millrace.app.CommandFailedException;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.JournalInspection;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneInspection;
import io.millrace.journal.inspect.LaneWalk;
import io.millrace.journal.inspect.WalkReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace channel export}. */
@Command(
    name = "export",
    description = {
      "Writes the events that wait in a file channel to files. They stay in the channel too.",
      "Damaged events are left out and told. Writes nothing to the channel."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace channel export --to /rescue -f agent.conf -n a1 --channel c1",
      "  millrace channel export --to /rescue --format json /data/1 /data/2",
      "%nExit status: 0 all written, 1 all but damaged or sealed ones, 2 it can't be read."
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ChannelTarget target;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "Where the files go; made if need be.")
  private Path to;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "avro_event",
      description =
          "avro_event (headers and body, exact), text (bodies, a line each), header_and_text, or"
              + " json (a line each). Default: ${DEFAULT-VALUE}.")
  private ExportFormat format;

  @Option(
      names = "--roll-size",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      description = "Size after which a new file is begun. Default: ${DEFAULT-VALUE}.")
  private String rollSize;

  @Option(
      names = "--force",
      description = "Also into a directory that is not empty. No file is overwritten.")
  private boolean isForced;

  @Override
  public Integer call() {
    long rollBytes = rollBytes();
    ChannelFiles files = target.resolve();
    JournalInspection inspection = files.inspect();
    JournalReport report = inspection.report();
    PrintWriter err = spec.commandLine().getErr();
    Warnings.say(files, report, err);
    ChannelFiles.requireReadable(report);
    prepareTarget(files);
    List<WalkReport> walked;
    EventFiles written = new EventFiles(to, format, rollBytes);
    try (written) {
      walked = write(inspection, written, err);
      written.complete();
    } catch (IOException e) {
      throw new CommandFailedException(
          2,
          "The export to "
              + to
              + " failed: "
              + e
              + ". What it has written stays there; the channel is as it was.",
          e);
    }
    return say(files, report, walked, written);
  }

  private long rollBytes() {
    try {
      return DataSize.parse(rollSize).bytes();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--roll-size: " + e.getMessage());
    }
  }

  private void prepareTarget(ChannelFiles files) {
    List<Path> own = new ArrayList<>(files.dataDirectories());
    own.addAll(files.checkpointDirectories());
    Path absolute = to.toAbsolutePath().normalize();
    for (Path directory : own) {
      if (absolute.startsWith(directory.toAbsolutePath().normalize())) {
        throw new CommandFailedException(
            2, "--to " + to + " is in the channel itself. Name a directory elsewhere.");
      }
    }
    try {
      Files.createDirectories(to);
      try (Stream<Path> entries = Files.list(to)) {
        if (!isForced && entries.findAny().isPresent()) {
          throw new CommandFailedException(
              2,
              "--to "
                  + to
                  + " is not empty. Name another directory, or say --force to add files to it.");
        }
      }
    } catch (IOException e) {
      throw new CommandFailedException(2, "--to " + to + " can't be used: " + e, e);
    }
  }

  private static List<WalkReport> write(
      JournalInspection inspection, EventFiles written, PrintWriter err) throws IOException {
    List<LaneWalk> walks = inspection.lanes().stream().map(LaneInspection::walk).toList();
    long totalBytes = walks.stream().mapToLong(LaneWalk::totalBytes).sum();
    List<WalkReport> reports = new ArrayList<>();
    try (Progress progress = Progress.of(err, "Exporting", totalBytes)) {
      for (LaneWalk walk : walks) {
        reports.add(
            EventWalk.run(
                walk,
                progress,
                (laneIndex, sequence, isWaiting, event) -> {
                  if (isWaiting) {
                    written.write(laneIndex, sequence, event);
                  }
                  return true;
                }));
      }
    }
    return reports;
  }

  private int say(
      ChannelFiles files, JournalReport report, List<WalkReport> walked, EventFiles written) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "Exported "
            + Amounts.count(written.events(), "event")
            + " to "
            + to
            + ": "
            + Amounts.count(written.fileCount(), "file")
            + ", "
            + Amounts.bytes(written.totalBytes())
            + ", synced.");
    int status = 0;
    for (WalkReport lane : walked) {
      for (Damage damage : lane.damages()) {
        if (!damage.lost().isEmpty()) {
          status = 1;
          out.println(
              "Left out: "
                  + DamageText.where(damage)
                  + ": "
                  + DamageText.what(damage)
                  + "; "
                  + DamageText.cost(damage));
        }
      }
      if (lane.unopenedFrames() > 0) {
        status = 1;
        out.println(
            "Left out: "
                + Amounts.count(lane.unopenedFrames())
                + " sealed batches, for want of a key. Use --conf-file.");
      }
    }
    boolean isPartial = report.lanes().stream().anyMatch(lane -> !lane.isUsable());
    if (isPartial || !report.absentLanes().isEmpty()) {
      status = 1;
      out.println("Left out: directories that can't be read; see millrace channel info.");
    }
    out.print(next(files, report));
    out.flush();
    return status;
  }

  private static String next(ChannelFiles files, JournalReport report) {
    if (report.isInUse()) {
      return "\nThe channel still holds them, and a running agent is delivering from it: what it\n"
          + "delivers from now on is there twice. Stop it first if that matters.\n";
    }
    List<Path> all = new ArrayList<>(files.dataDirectories());
    all.addAll(files.checkpointDirectories());
    StringBuilder text = new StringBuilder();
    text.append(
            "\nThe channel still holds them: an agent that is started on it delivers them too.\n")
        .append(
            "If these files are to take their place, move all its directories away before the\n")
        .append("next start, and keep them until the files are where they belong:\n");
    for (Path directory : all) {
      text.append("  mv ").append(directory).append(' ').append(directory).append(".old\n");
    }
    return text.toString();
  }
}
