/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.api.EventView;
import io.millrace.app.BuildVersion;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.JournalInspection;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneInspection;
import io.millrace.journal.inspect.LaneWalk;
import io.millrace.journal.inspect.WalkReport;
import io.millrace.kit.log.InertText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace channel dump}. */
@Command(
    name = "dump",
    description = {
      "Prints the events that wait in a file channel, lane by lane, oldest first.",
      "Delivers and acknowledges nothing. Writes nothing."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace channel dump -f agent.conf -n a1 --limit 10",
      "  millrace channel dump --format json /data/1 | jq .headers.host",
      "%nIn text, what could move a terminal's cursor is escaped; JSON is exact.",
      "%nExit status: 0 printed, 1 events are damaged or a key is missing, 2 it can't be read."
    })
final class DumpCommand implements Callable<Integer> {
  private static final int MAX_HEADERS = 64;
  private static final int MAX_HEADER_CHARS = 256;

  /** Events between two looks whether somebody still reads: a look flushes. */
  private static final int CHECK_EVERY = 64;

  /** How events are printed. */
  enum Format {
    TEXT,
    JSON
  }

  @Spec private CommandSpec spec;
  @Mixin private ChannelTarget target;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      defaultValue = "100",
      description = "Most events printed; 0 prints all. Default: ${DEFAULT-VALUE}.")
  private long limit;

  @Option(
      names = "--from-sequence",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "Leave out events with a lower number in their lane.")
  private long fromSequence;

  @Option(
      names = "--all",
      description = "Also events that were delivered and are still on the disk.")
  private boolean isAll;

  @Option(
      names = "--max-body",
      paramLabel = "CHARS",
      defaultValue = "1000",
      description = "Most characters of a body in text. Default: ${DEFAULT-VALUE}.")
  private int maxBodyChars;

  private long printed;
  private boolean isCut;

  @Override
  public Integer call() {
    ChannelFiles files = target.resolve();
    JournalInspection inspection = files.inspect();
    JournalReport report = inspection.report();
    PrintWriter err = spec.commandLine().getErr();
    Warnings.say(files, report, err);
    ChannelFiles.requireReadable(report);
    PrintWriter out = spec.commandLine().getOut();
    int status = 0;
    try {
      for (LaneInspection lane : inspection.lanes()) {
        LaneWalk walk = lane.walk().from(fromSequence);
        WalkReport walked =
            EventWalk.run(isAll ? walk.withAcknowledged() : walk, Progress.silent(), this::print);
        out.flush();
        status = Math.max(status, remark(walked, err));
      }
    } catch (IOException e) {
      throw ChannelFiles.unreadable(e);
    }
    if (isCut) {
      err.println("millrace: There is more: --limit " + limit + " was reached.");
    }
    return status;
  }

  private boolean print(int laneIndex, long sequence, boolean isWaiting, EventView event)
      throws IOException {
    if (sequence < fromSequence || !isWaiting && !isAll) {
      return true;
    }
    if (limit > 0 && printed >= limit) {
      isCut = true;
      return false;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        format == Format.JSON
            ? EventJson.of(laneIndex, sequence, isWaiting, event)
            : text(laneIndex, sequence, isWaiting, event));
    printed++;
    // Who reads may have seen enough: head, less.
    return printed % CHECK_EVERY != 0 || !out.checkError();
  }

  private String text(int laneIndex, long sequence, boolean isWaiting, EventView event) {
    StringBuilder line = new StringBuilder(128);
    line.append(laneIndex).append('/').append(sequence);
    line.append(isWaiting ? "  {" : "  delivered  {");
    int shown = 0;
    Map<String, String> headers = event.headers();
    for (Map.Entry<String, String> header : headers.entrySet()) {
      if (shown == MAX_HEADERS) {
        line.append(", ... ").append(headers.size() - shown).append(" more");
        break;
      }
      line.append(shown == 0 ? "" : ", ")
          .append(InertText.of(header.getKey(), MAX_HEADER_CHARS))
          .append('=')
          .append(InertText.of(header.getValue(), MAX_HEADER_CHARS));
      shown++;
    }
    return line.append("}  ").append(InertText.of(event.bodyText(), maxBodyChars)).toString();
  }

  private static int remark(WalkReport walked, PrintWriter err) {
    List<Damage> costly =
        walked.damages().stream().filter(damage -> !damage.lost().isEmpty()).toList();
    for (Damage damage : costly) {
      err.println("millrace: " + DamageText.where(damage) + ": " + DamageText.cost(damage));
    }
    if (walked.unopenedFrames() > 0) {
      err.println(
          "millrace: "
              + Amounts.count(walked.unopenedFrames())
              + " sealed batches are not shown, for want of a key. Use --conf-file.");
    }
    err.flush();
    return costly.isEmpty() && walked.unopenedFrames() == 0 ? 0 : 1;
  }
}
