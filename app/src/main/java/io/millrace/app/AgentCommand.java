/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.api.ConfigurationException;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.ProblemReport;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.runtime.Agent;
import java.io.PrintWriter;
import java.nio.file.Path;
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
      description = "Read the files once. In this version that is always so.")
  private boolean isReadOnce;

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
    Optional<AgentDefinition> definition = load(log);
    return definition.isPresent() ? run(definition.get(), log) : 1;
  }

  private void notUnderstood(String message) {
    throw new ParameterException(spec.commandLine(), message);
  }

  /** Says everything that is wrong; empty when the agent cannot run. */
  private Optional<AgentDefinition> load(Logger log) {
    Catalog catalog = Catalog.load(AgentCommand.class.getClassLoader());
    AgentResult result =
        new ConfigurationLoader(catalog, Environment.ofProcess())
            .load(files)
            .agent(name, isLenient ? Strictness.LENIENT : Strictness.STRICT);
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

  private int run(AgentDefinition definition, Logger log) throws InterruptedException {
    OrderlyExit exit = OrderlyExit.install(Agent.STOP_LIMIT.plusSeconds(2));
    int status = 1;
    try (AgentRun run = AgentRun.start(definition, log)) {
      if (isStoppedWithParent) {
        ParentWatch.start(
            Optional.ofNullable(Long.getLong("millrace.supervisor.pid")), exit::request);
      }
      if (!isReadOnce) {
        log.info("A change of the configuration takes effect when the agent is started again");
      }
      exit.await();
      status = run.stop() ? 0 : 1;
    } catch (ConfigurationException e) {
      log.error("Agent {} was not started: {}", definition.name(), e.getMessage());
    } finally {
      exit.end(status);
    }
    return status;
  }
}
