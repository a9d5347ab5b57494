/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.api.ConfigurationException;
import io.millrace.app.health.Farewell;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.ProblemReport;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.reload.ConfigurationFiles;
import io.millrace.engine.runtime.Agent;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace agent}: runs one agent until it is told to stop. */
@Command(
    name = "agent",
    aliases = "node",
    description = "Runs an agent until it is told to stop (SIGTERM, Ctrl-C).",
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    defaultValueProvider = OptionsFile.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace agent --name a1 --conf-file flume.conf",
      "  millrace agent -n a1 -c /etc/millrace -f base.conf -f site.conf -Xmx2g",
      "  millrace agent -n a1 -f flume.conf -Dflume.monitoring.type=http   metrics: port 41414",
      "  millrace agent -n a1 -f flume.conf -Dmillrace.log.level=DEBUG",
      "%nA changed file is applied while the agent runs: what did not change goes on. A broken one"
          + " changes nothing and is said in the log. To have the files read at once: kill -HUP.",
      "%nThe log goes to standard error; DIR/log4j2.xml changes that. To look at a configuration"
          + " without running it: millrace check.",
      "%nExit status: 0 stopped as asked, 1 the configuration cannot run or events were lost at the"
          + " stop, 2 options not understood, 3 out of memory."
    })
final class AgentCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      required = true,
      description = "The agent to run: the first word of its lines in the file.")
  private String name;

  @Option(
      names = {"-f", "--conf-file"},
      paramLabel = "FILE",
      description = "Configuration file. May be given several times; later files win.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = {"-c", "--conf"},
      paramLabel = "DIR",
      description =
          "Directory of log4j2.xml and millrace-env.sh (or flume-env.sh). Default: conf of the"
              + " installation.")
  private Path conf = Path.of(System.getProperty("millrace.conf", "conf"));

  @Option(
      names = "--lenient",
      description = "Run what can be run and leave out the rest, as Flume does.")
  private boolean isLenient;

  @Option(
      names = "--no-reload-conf",
      description = "Do not look at the files again. SIGHUP and POST /reload still read them.")
  private boolean isReadOnce;

  @Option(
      names = {"-i", "--poll-interval"},
      paramLabel = "S",
      description =
          "Seconds between two looks at the files; a change is applied while the agent runs."
              + " Default: ${DEFAULT-VALUE}.")
  private int pollSeconds = 30;

  /** For the demo and the supervisor, whose agents must not outlive them. */
  @Option(names = "--stop-with-parent", hidden = true)
  private boolean isStoppedWithParent;

  @ArgGroup(
      validate = false,
      heading = "%nOptions of Flume that this version answers but does not provide:%n")
  private UnavailableOptions unavailable = new UnavailableOptions();

  @Override
  public Integer call() throws InterruptedException {
    unavailable.refusal().ifPresent(this::notUnderstood);
    if (files.isEmpty()) {
      notUnderstood("Missing required option: '--conf-file=FILE'");
    }
    if (pollSeconds < 1) {
      notUnderstood("--poll-interval: " + pollSeconds + " (expected: 1 or more seconds)");
    }
    LoggingSetup.useConfigurationOf(conf);
    Logger log = LoggerFactory.getLogger(AgentCommand.class);
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> {
          if (failure instanceof OutOfMemoryError error) {
            OutOfMemory.end(error);
          }
          log.error("Thread {} ended by an error nobody expected", thread.getName(), failure);
        });
    LoggingSetup.warnOfForeignFiles(conf, log);
    unavailable.remarks().forEach(log::warn);
    InstalledComponents components = InstalledComponents.find();
    components.remarks().forEach(remark -> log.warn("Plug-ins: {}", remark));
    ConfigurationFiles configuration =
        new ConfigurationFiles(
            new ConfigurationLoader(components.catalog(), Environment.ofProcess()),
            files,
            name,
            isLenient ? Strictness.LENIENT : Strictness.STRICT);
    ReloadSettings reload =
        new ReloadSettings(
            configuration,
            configuration.fingerprint(),
            isReadOnce ? Optional.empty() : Optional.of(Duration.ofSeconds(pollSeconds)));
    Optional<AgentDefinition> definition = load(configuration, log);
    return definition.isPresent() ? run(definition.get(), reload, log) : 1;
  }

  private void notUnderstood(String message) {
    throw new ParameterException(spec.commandLine(), message);
  }

  /** Says everything that is wrong; empty when the agent cannot run. */
  private Optional<AgentDefinition> load(ConfigurationFiles configuration, Logger log) {
    AgentResult result = configuration.read();
    if (result.agent().isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.print(new ProblemReport(result.problems()).plain());
      err.println("Agent " + name + " was not started.");
      err.flush();
      return Optional.empty();
    }
    for (Problem problem : result.problems()) {
      if (problem.severity() == Severity.HINT) {
        log.info("{}", problem.text());
      } else {
        log.warn("{}", problem.text());
      }
    }
    return result.agent();
  }

  private static Farewell farewell(Logger log) {
    try {
      return Farewell.of(System.getProperty("millrace.drain.delay"));
    } catch (IllegalArgumentException e) {
      log.error("millrace.drain.delay: {}. The time is found out from who asks.", e.getMessage());
      return Farewell.of("auto");
    }
  }

  private int run(AgentDefinition definition, ReloadSettings reload, Logger log)
      throws InterruptedException {
    Farewell farewell = farewell(log);
    OrderlyExit exit =
        OrderlyExit.install(Agent.STOP_LIMIT.plusSeconds(2).plus(farewell.extraTime()));
    int status = 1;
    try (AgentRun run = AgentRun.start(definition, reload, log)) {
      if (isStoppedWithParent) {
        ParentWatch.start(
            Optional.ofNullable(Long.getLong("millrace.supervisor.pid")), exit::request);
      }
      run.awaitStarted(definition, exit);
      exit.await();
      run.sayFarewell(farewell, exit::awaitHurry);
      status = run.stop() ? 0 : 1;
    } catch (ConfigurationException e) {
      log.error("Agent {} was not started: {}", definition.name(), e.getMessage());
    } finally {
      exit.end(status);
    }
    return status;
  }
}
