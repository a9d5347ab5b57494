/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.engine.config.Configuration;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.ProblemReport;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Environment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace check}. */
@Command(
    name = "check",
    description =
        "Finds every mistake in a configuration, with file, line and remedy. Starts nothing.",
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace check flume.conf",
      "  millrace check --name a1 base.conf site.conf     merged in this order, agent a1 only",
      "%nExit status: 0 no error (there may be warnings), 1 errors."
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Configuration files; later ones win.")
  private List<Path> files;

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      description = "Check this agent only. Default: all agents in the files.")
  private String name;

  @Override
  public Integer call() {
    InstalledComponents components = InstalledComponents.find();
    Configuration configuration =
        new ConfigurationLoader(components.catalog(), Environment.ofProcess()).load(files);
    List<Problem> problems = new ArrayList<>();
    components
        .remarks()
        .forEach(
            remark ->
                problems.add(
                    new Problem(
                        Severity.WARNING,
                        Place.of(remark.place().toString()),
                        "",
                        "",
                        remark.message(),
                        "")));
    problems.addAll(
        name == null
            ? configuration.problems(Strictness.STRICT)
            : configuration.agent(name, Strictness.STRICT).problems());
    ProblemReport report = new ProblemReport(problems);
    boolean inColour = Terminal.isColourful();
    spec.commandLine().getOut().print(inColour ? report.coloured() : report.plain());
    spec.commandLine().getOut().flush();
    return problems.stream().anyMatch(Problem::isError) ? 1 : 0;
  }
}
