/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import io.millrace.app.BuildVersion;
import io.millrace.app.CommandFailedException;
import io.millrace.app.OrderlyExit;
import io.millrace.app.health.Farewell;
import java.net.URI;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace supervise}. */
@Command(
    name = "supervise",
    customSynopsis = "millrace supervise [OPTION...] -- agent AGENT-OPTION...",
    description = {
      "Runs an agent as a child process and starts it again when it ends without being told to, or"
          + " no longer answers its health check. SIGTERM and Ctrl-C stop both in order, SIGHUP is"
          + " passed on to the agent. When the supervisor itself is killed, its agent stops in"
          + " order."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace supervise -- agent -n a1 -f flume.conf -Dflume.monitoring.type=http \\",
      "      -Dflume.monitoring.port=41414            asked at http://127.0.0.1:41414/health/live",
      "  millrace supervise --crash-dir /var/lib/millrace/crashes -- agent -n a1 -f a1.conf",
      "  millrace supervise --give-up-after 5 -- agent -n a1 -f a1.conf   for a service manager",
      "%nAn agent that ended is started again at once; if it lives shorter than --steady again and"
          + " again, after 1, 2, 4 ... s, at the longest --max-pause. Options of the JVM behind --"
          + " are the agent's (-Xmx2g -Dkey=value), as are JAVA_OPTS, FLUME_JAVA_OPTS and"
          + " MILLRACE_JAVA_OPTS; the supervisor takes MILLRACE_SUPERVISOR_OPTS.",
      "%nExit status: 0 stopped as asked, and so did the agent; 1 the agent lost events at its stop"
          + " or had to be killed, --give-up-after, or --crash-dir cannot be written; 2 options not"
          + " understood, the supervisor's or the agent's.",
      "%nThe agent's own: 0 stopped as asked, 1 its configuration cannot run or events were lost at"
          + " its stop, 2 options not understood, 3 out of memory; above 128 a signal."
    })
public final class SuperviseCommand implements Callable<Integer> {
  private static final String NONE = "none";

  @Spec private CommandSpec spec;

  @Option(
      names = "--health-url",
      paramLabel = "URL",
      description =
          "Where the agent is asked whether it lives; 'none': nowhere. Default: /health/live at the"
              + " agent's own -Dflume.monitoring.port.")
  private Optional<String> healthUrl = Optional.empty();

  @Option(
      names = "--health-interval",
      paramLabel = "S",
      defaultValue = "5",
      description = "Seconds from one question to the next. Default: ${DEFAULT-VALUE}")
  private int healthIntervalSeconds;

  @Option(
      names = "--health-timeout",
      paramLabel = "S",
      defaultValue = "5",
      description = "Seconds that an answer may take. Default: ${DEFAULT-VALUE}")
  private int healthTimeoutSeconds;

  @Option(
      names = "--health-misses",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Questions in a row without an answer after which the agent is killed. Default:"
              + " ${DEFAULT-VALUE}")
  private int healthMisses;

  @Option(
      names = "--start-grace",
      paramLabel = "S",
      defaultValue = "120",
      description =
          "Seconds that a started agent may take until its first answer. Default: ${DEFAULT-VALUE}")
  private int startGraceSeconds;

  @Option(
      names = "--steady",
      paramLabel = "S",
      defaultValue = "60",
      description =
          "An agent that lived so many seconds is started again at once. Default: ${DEFAULT-VALUE}")
  private int steadySeconds;

  @Option(
      names = "--max-pause",
      paramLabel = "S",
      defaultValue = "60",
      description = "Longest pause before a start, in seconds. Default: ${DEFAULT-VALUE}")
  private int maxPauseSeconds;

  @Option(
      names = "--give-up-after",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "End with status 1 after so many lives in a row shorter than --steady. Default: 0, never")
  private int giveUpAfter;

  @Option(
      names = "--stop-limit",
      paramLabel = "S",
      defaultValue = "15",
      description =
          "Seconds that an orderly stop may take before the agent is killed; it takes 10 itself at"
              + " most. A millrace.drain.delay comes on top. Default: ${DEFAULT-VALUE}")
  private int stopLimitSeconds;

  @Option(
      names = "--crash-dir",
      paramLabel = "DIR",
      defaultValue = "crashes",
      description =
          "Where a record of each unexpected end goes: status, last log lines, thread dump, memory;"
              + " 'none': nowhere. Default: ./${DEFAULT-VALUE}")
  private String crashDirectory;

  @Option(
      names = "--crash-keep",
      paramLabel = "N",
      defaultValue = "20",
      description = "Most records kept. Default: ${DEFAULT-VALUE}")
  private int crashKeep;

  @Parameters(
      paramLabel = "AGENT",
      hidden = true,
      arity = "0..*",
      description = "The agent and its options, behind --.")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    Optional<Path> home = Optional.ofNullable(System.getProperty("millrace.home")).map(Path::of);
    AgentWords words = AgentWords.of(home, arguments);
    SuperviseOptions options = options(words);
    OrderlyExit exit = OrderlyExit.install(Supervisor.exitLimit(options));
    int status = 1;
    try {
      status = Supervisor.run(words, options, exit, System.out, System.err);
    } catch (CommandFailedException e) {
      spec.commandLine().getErr().println("millrace: " + e.getMessage());
      spec.commandLine().getErr().flush();
      status = e.status();
    } finally {
      exit.end(status);
    }
    return status;
  }

  /** What the agent takes longer for its stop because it was told to wait for load balancers. */
  private static Duration drainDelay(AgentWords words) {
    try {
      return Farewell.of(words.property("millrace.drain.delay").orElse("")).extraTime();
    } catch (IllegalArgumentException e) {
      // The agent says so, and finds the time out by itself.
      return Duration.ZERO;
    }
  }

  private SuperviseOptions options(AgentWords words) {
    return new SuperviseOptions(
        health(words),
        seconds("--health-interval", healthIntervalSeconds, 1),
        seconds("--health-timeout", healthTimeoutSeconds, 1),
        atLeast("--health-misses", healthMisses, 1),
        seconds("--start-grace", startGraceSeconds, 1),
        seconds("--stop-limit", stopLimitSeconds, 1).plus(drainDelay(words)),
        new RestartPolicy(
            seconds("--steady", steadySeconds, 0),
            seconds("--max-pause", maxPauseSeconds, 1),
            atLeast("--give-up-after", giveUpAfter, 0)),
        crashDirectory.equals(NONE) ? Optional.empty() : Optional.of(Path.of(crashDirectory)),
        atLeast("--crash-keep", crashKeep, 1));
  }

  private Optional<URI> health(AgentWords words) {
    if (healthUrl.isEmpty()) {
      return words.health();
    }
    if (healthUrl.get().equals(NONE)) {
      return Optional.empty();
    }
    try {
      URI uri = URI.create(healthUrl.get());
      if ("http".equals(uri.getScheme()) && uri.getHost() != null) {
        return Optional.of(uri);
      }
    } catch (IllegalArgumentException e) {
      // Answered below, as what is a URI but of another kind.
    }
    throw new ParameterException(
        spec.commandLine(),
        "--health-url: '" + healthUrl.get() + "' (expected: http://HOST:PORT/PATH, or none)");
  }

  private Duration seconds(String option, int value, int least) {
    return Duration.ofSeconds(atLeast(option, value, least));
  }

  private int atLeast(String option, int value, int least) {
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), option + ": " + value + " (expected: " + least + " or more)");
    }
    return value;
  }
}
