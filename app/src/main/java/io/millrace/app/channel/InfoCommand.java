/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.app.BuildVersion;
import io.millrace.journal.inspect.JournalReport;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace channel info}. */
@Command(
    name = "info",
    description = {
      "Says what a file channel holds: events that wait, segments, checkpoint, keys, disks.",
      "Reads what a start would read, not every event. Writes nothing."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace channel info -f agent.conf -n a1 --channel c1",
      "  millrace channel info /data/1 /data/2 /checkpoint",
      "%nExit status: 0 shown, 2 not a channel, or it can't be read."
    })
final class InfoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ChannelTarget target;

  @Option(names = "--segments", description = "List every segment, spare ones too.")
  private boolean showsAllSegments;

  @Option(names = "--json", description = "As JSON, for programs.")
  private boolean isJson;

  @Override
  public Integer call() {
    ChannelFiles files = target.resolve();
    JournalReport report = files.inspect().report();
    PrintWriter out = spec.commandLine().getOut();
    Warnings.say(files, report, spec.commandLine().getErr());
    if (isJson) {
      out.println(ReportJson.info(report));
    } else {
      out.print(
          new ReportText(files, report, Instant.now(), ZoneId.systemDefault(), showsAllSegments)
              .info());
    }
    out.flush();
    return 0;
  }
}
