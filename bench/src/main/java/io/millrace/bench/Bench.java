/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the benchmarks; {@code bench/run} starts it. */
@Command(
    name = "bench/run",
    description = "Measures Millrace side by side with Apache Flume.",
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    subcommands = {
      FirstFlowCommand.class,
      ChannelCommand.class,
      FillCommand.class,
      HttpCommand.class,
      HopCommand.class,
      KafkaCommand.class,
      KafkaDrainCommand.class,
      DrainCommand.class,
      HdfsCommand.class,
      FilesCommand.class,
      RestartCommand.class,
      BacklogCommand.class,
      LoadCommand.class,
      DiskCommand.class,
      JournalCommand.class,
      SyslogCommand.class,
      HotMethodsCommand.class
    })
final class Bench {
  private Bench() {}

  static CommandLine commandLine() {
    return new CommandLine(new Bench());
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
