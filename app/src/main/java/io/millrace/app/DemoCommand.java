/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.app.demo.Demo;
import io.millrace.app.demo.DemoOptions;
import io.millrace.app.demo.StoreKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace demo}. */
@Command(
    name = "demo",
    description = {
      "Shows the main job in a minute: two edge agents follow log files and send them to a collector"
          + " that stores them. Kill any of the processes: it is started again. At the end every"
          + " line is counted, in the files and in the store."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace demo                                 made-up web logs, until Ctrl-C",
      "  millrace demo --follow /var/log/nginx         your own logs, from their beginning",
      "  millrace demo --store hdfs                    the same, into a real HDFS (or: kafka)",
      "  millrace demo --rate 5000 --duration 60       faster, and for a minute",
      "%nExit status: 0 nothing was lost, 1 lines were lost or the demo failed."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int MAX_LINES_PER_SECOND = 1_000_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--follow",
      paramLabel = "PATH",
      arity = "1..*",
      description =
          "Log files, or directories of log files, to follow instead of made-up ones; they are only"
              + " read.")
  private List<Path> follow = new ArrayList<>();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "demo",
      description =
          "Where everything goes. What an earlier demo left there is deleted. Default: ./demo")
  private Path directory;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      defaultValue = "files",
      description =
          "Where the collector stores: files, hdfs, kafka. The last two start a real server for the"
              + " length of the demo, which only a source checkout has. Default: ${DEFAULT-VALUE}")
  private StoreKind store;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Made-up lines a second. Default: ${DEFAULT-VALUE}")
  private int linesPerSecond;

  @Option(
      names = "--duration",
      paramLabel = "S",
      description = "Stop by itself after so many seconds.")
  private Optional<Integer> seconds = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (linesPerSecond < 1 || linesPerSecond > MAX_LINES_PER_SECOND) {
      throw new ParameterException(
          spec.commandLine(),
          "--rate: " + linesPerSecond + " (expected: 1 to " + MAX_LINES_PER_SECOND + ")");
    }
    if (seconds.isPresent() && seconds.get() < 1) {
      throw new ParameterException(
          spec.commandLine(), "--duration: " + seconds.get() + " (expected: 1 or more seconds)");
    }
    DemoOptions options =
        new DemoOptions(
            follow,
            directory,
            store,
            linesPerSecond,
            seconds.map(value -> Duration.ofSeconds(value)));
    OrderlyExit exit = OrderlyExit.install(Demo.STOP_LIMIT);
    int status = 1;
    try {
      status = Demo.run(options, spec.commandLine().getOut(), Terminal.columns(), exit);
    } catch (CommandFailedException e) {
      spec.commandLine().getErr().println("millrace: " + e.getMessage());
      status = e.status();
    } finally {
      spec.commandLine().getErr().flush();
      exit.end(status);
    }
    return status;
  }
}
