/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.app.avroclient.AvroClientCommand;
import io.millrace.app.channel.ChannelCommand;
import io.millrace.app.plan.PlanCommand;
import io.millrace.app.replay.ReplayCommand;
import io.millrace.app.supervise.SuperviseCommand;
import java.io.PrintWriter;
import org.apache.logging.log4j.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code millrace} command. Exit status: 0 done, 1 failed, 2 not understood. */
@Command(
    name = "millrace",
    description = "Moves streams of events from where they are made to where they are kept.",
    usageHelpWidth = 100,
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    subcommands = {
      AgentCommand.class,
      SuperviseCommand.class,
      CheckCommand.class,
      DescribeCommand.class,
      ChannelCommand.class,
      AvroClientCommand.class,
      ReplayCommand.class,
      PlanCommand.class,
      DemoCommand.class,
      VersionCommand.class,
      HelpCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace demo                           see it work, in a minute",
      "  millrace check edge.conf                find every mistake in a configuration",
      "  millrace agent -n edge -f edge.conf     run the agent named edge",
      "  millrace supervise -- agent -n edge -f edge.conf   run it, and start it again when it ends",
      "  millrace channel info -f edge.conf      what waits in its file channel, and is it sound",
      "  millrace avro-client --help             send the lines of a file to an avro source",
      "  millrace replay DIR --to HOST:PORT      send stored events in again",
      "  millrace plan --rate 50k/s              disks, memory and collectors that a flow needs",
      "  millrace help agent                     all options of a command"
    })
public final class Millrace implements Runnable {
  @Spec private CommandSpec spec;

  private Millrace() {}

  public static void main(String[] args) {
    LoggingSetup.beforeFirstUse();
    int status = commandLine().execute(args);
    LogManager.shutdown();
    System.exit(status);
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Millrace());
    commandLine.setUsageHelpWidth(100);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (failure, failed, parsed) -> {
          if (failure instanceof CommandFailedException answer) {
            failed.getErr().println("millrace: " + answer.getMessage());
            return answer.status();
          }
          throw failure;
        });
    commandLine.setParameterExceptionHandler(Millrace::notUnderstood);
    return commandLine;
  }

  /** A short answer: what is wrong, the nearest name, where to read on. */
  private static int notUnderstood(ParameterException failure, String[] args) {
    CommandLine commandLine = failure.getCommandLine();
    PrintWriter err = commandLine.getErr();
    err.println("millrace: " + failure.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
      err.println("See '" + commandLine.getCommandSpec().qualifiedName() + " --help'.");
    }
    err.flush();
    return commandLine.getCommandSpec().exitCodeOnInvalidInput();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? " + names());
  }

  private String names() {
    return String.join(", ", spec.subcommands().keySet());
  }
}
