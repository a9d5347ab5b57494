/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.app.BuildVersion;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.JournalInspection;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneInspection;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.LaneWalk;
import io.millrace.journal.inspect.WalkReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace channel verify}. */
@Command(
    name = "verify",
    description = {
      "Reads every batch that waits in a file channel and checks it: checksums, seals, packing,",
      "events. Says what is damaged, where, and how many events that costs. Writes nothing."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace channel verify -f agent.conf -n a1 --channel c1",
      "  millrace channel verify /data/1 /data/2 /checkpoint",
      "%nExit status: 0 whole, 1 damaged, or a start would be refused, 2 it can't be read."
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ChannelTarget target;

  @Option(names = "--json", description = "As JSON, for programs.")
  private boolean isJson;

  @Override
  public Integer call() {
    ChannelFiles files = target.resolve();
    JournalInspection inspection = files.inspect();
    JournalReport report = inspection.report();
    Warnings.say(files, report, spec.commandLine().getErr());
    ChannelFiles.requireReadable(report);
    VerifyResult result;
    try {
      result = verify(inspection);
    } catch (IOException e) {
      throw ChannelFiles.unreadable(e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(isJson ? ReportJson.verify(report, result) + "\n" : text(files, report, result));
    out.flush();
    return isSound(report, result) ? 0 : 1;
  }

  private static boolean isSound(JournalReport report, VerifyResult result) {
    return result.isWhole()
        && report.obstacles().isEmpty()
        && report.absentLanes().isEmpty()
        && report.lanes().stream().allMatch(LaneReport::isUsable);
  }

  private VerifyResult verify(JournalInspection inspection) throws IOException {
    long startNanos = System.nanoTime();
    List<Damage> damages = new ArrayList<>(inspection.report().damages());
    List<LaneWalk> walks = inspection.lanes().stream().map(LaneInspection::walk).toList();
    long totalBytes = walks.stream().mapToLong(LaneWalk::totalBytes).sum();
    long frames = 0;
    long events = 0;
    long storedBytes = 0;
    long unopened = 0;
    try (Progress progress = Progress.of(spec.commandLine().getErr(), "Verifying", totalBytes)) {
      for (LaneWalk walk : walks) {
        WalkReport lane =
            EventWalk.run(walk, progress, (laneIndex, sequence, isWaiting, event) -> true);
        frames += lane.frames();
        events += lane.records();
        storedBytes += lane.storedBytes();
        unopened += lane.unopenedFrames();
        damages.addAll(lane.damages());
      }
    }
    List<Damage> confirmed = inspection.report().isInUse() ? inspection.confirm(damages) : damages;
    long nanos = System.nanoTime() - startNanos;
    return new VerifyResult(frames, events, storedBytes, unopened, nanos, confirmed);
  }

  private static String text(ChannelFiles files, JournalReport report, VerifyResult result) {
    StringBuilder text = new StringBuilder();
    text.append("File channel ").append(files.title()).append('\n');
    TextGrid grid = new TextGrid("  ", "llrl");
    for (LaneReport lane : report.lanes()) {
      grid.row(
          lane.isUsable() ? "lane " + lane.laneIndex() : "-",
          lane.directory().toString(),
          lane.isUsable() ? Amounts.count(lane.waitingRecords(), "event") : "",
          verdict(lane, result));
    }
    report
        .absentLanes()
        .forEach(lane -> grid.row("lane " + lane.laneIndex(), "directory missing", "", "MISSING"));
    grid.appendTo(text);
    if (!result.damages().isEmpty()) {
      text.append("\nDamage\n");
      result.damages().forEach(damage -> append(damage, text));
    }
    text.append('\n').append(sum(report, result));
    return text.append(new NextStart(report).text(result.damages())).toString();
  }

  private static String verdict(LaneReport lane, VerifyResult result) {
    if (!lane.isUsable()) {
      return "UNUSABLE: " + ReportText.stateOf(lane);
    }
    boolean isDamaged =
        result.damages().stream()
            .anyMatch(damage -> damage.laneIndex() == lane.laneIndex() && !damage.isPast());
    return isDamaged ? "DAMAGED" : "whole";
  }

  private static void append(Damage damage, StringBuilder text) {
    text.append("  ").append(DamageText.where(damage)).append('\n');
    text.append("      ").append(DamageText.what(damage)).append('\n');
    text.append("      ").append(DamageText.cost(damage)).append('\n');
  }

  private static String sum(JournalReport report, VerifyResult result) {
    StringBuilder text = new StringBuilder("Read ");
    text.append(Amounts.count(result.events(), "event"))
        .append(" in ")
        .append(Amounts.count(result.frames()))
        .append(result.frames() == 1 ? " batch" : " batches")
        .append(" (")
        .append(Amounts.bytes(result.storedBytes()))
        .append(String.format(Locale.ROOT, ") in %.1f s.\n", result.nanos() / 1e9));
    if (result.unopenedFrames() > 0) {
      text.append("Not looked into, for want of a key: ")
          .append(Amounts.count(result.unopenedFrames()))
          .append(" sealed batches. Their checksums are right.\n");
    }
    if (isSound(report, result)) {
      return text.append("The channel is whole")
          .append(result.damages().isEmpty() ? ".\n" : ", but for places where nothing waits.\n")
          .toString();
    }
    long lost = result.lostEvents();
    return text.append(lost == 0 ? "No event is lost" : Amounts.count(lost, "event") + " lost")
        .append(
            lost == 0
                ? "; see above for what is not as it should be.\n"
                : "; the others are delivered.\n")
        .toString();
  }
}
