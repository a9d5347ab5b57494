/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.app.BuildVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace channel}. */
@Command(
    name = "channel",
    description = {
      "Looks at the files of a file channel: what waits in them, what is damaged, what that costs.",
      "Only 'repair --yes' writes to a channel; the others may be used while an agent runs."
    },
    optionListHeading = "%n",
    commandListHeading = "%nCommands:%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    subcommands = {
      InfoCommand.class,
      VerifyCommand.class,
      DumpCommand.class,
      ExportCommand.class,
      RepairCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace channel info -f agent.conf -n a1            how full, how old, is it sound",
      "  millrace channel verify /data/1 /data/2 /checkpoint  read and check every byte",
      "%nSymptoms and what to do about them: docs/channel-tools.md"
    })
public final class ChannelCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Which command? " + String.join(", ", spec.subcommands().keySet()));
  }
}
