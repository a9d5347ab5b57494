/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.config.properties.Settings;
import io.millrace.engine.model.AgentDefinition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The merged settings of some files, and the agents in them. Immutable. */
public final class Configuration {
  private final Catalog catalog;
  private final Environment environment;
  private final Settings settings;
  private final List<String> files;
  private final List<Problem> unreadable;
  private final Set<String> agentNames;

  Configuration(
      Catalog catalog,
      Environment environment,
      Settings settings,
      List<String> files,
      List<Problem> unreadable) {
    this.catalog = catalog;
    this.environment = environment;
    this.settings = settings;
    this.files = files;
    this.unreadable = unreadable;
    this.agentNames = Collections.unmodifiableSet(agentNames(settings));
  }

  /** Names with a list of sources, channels or sinks, in the order of the files. */
  public Set<String> agentNames() {
    return agentNames;
  }

  /**
   * Checks one agent. The problems are those of the files, those of the agent, but not those of
   * other agents in the same files.
   */
  public AgentResult agent(String name, Strictness strictness) {
    List<Problem> problems = new ArrayList<>(unreadable);
    problems.addAll(problemsOutsideOtherAgents(name));
    if (!agentNames.contains(name)) {
      if (unreadable.isEmpty()) {
        problems.add(absent(name));
      }
      return new AgentResult(Optional.empty(), inOrder(problems));
    }
    AgentText text = AgentText.of(name, settings.all(), environment, problems);
    Optional<AgentDefinition> agent =
        new AgentCheck(text, catalog, environment.home(), strictness, problems).check();
    ValueHints.addTo(problems, text);
    boolean starts =
        unreadable.isEmpty()
            && (strictness == Strictness.LENIENT || problems.stream().noneMatch(Problem::isError));
    return new AgentResult(starts ? agent : Optional.empty(), inOrder(problems));
  }

  /** What is wrong in the files, with all agents in them. */
  public List<Problem> problems(Strictness strictness) {
    Set<Problem> problems = new LinkedHashSet<>(unreadable);
    problems.addAll(settings.problems());
    problems.addAll(strays());
    agentNames.forEach(name -> problems.addAll(agent(name, strictness).problems()));
    if (agentNames.isEmpty() && unreadable.isEmpty()) {
      problems.add(noAgent());
    }
    return inOrder(new ArrayList<>(problems));
  }

  private static Set<String> agentNames(Settings settings) {
    Set<String> names = new LinkedHashSet<>();
    for (String key : settings.byKey().keySet()) {
      int dot = key.indexOf('.');
      String rest = key.substring(dot + 1);
      if (rest.equals("sources") || rest.equals("channels") || rest.equals("sinks")) {
        names.add(key.substring(0, dot));
      }
    }
    return names;
  }

  private List<Problem> problemsOutsideOtherAgents(String name) {
    List<Problem> problems = new ArrayList<>();
    for (Problem problem : settings.problems()) {
      boolean isOfOther =
          agentNames.stream()
              .anyMatch(other -> !other.equals(name) && problem.key().startsWith(other + "."));
      if (!isOfOther) {
        problems.add(problem);
      }
    }
    problems.addAll(strays());
    return problems;
  }

  /** Keys of names that are no agents: one problem a name, at its first line. */
  private List<Problem> strays() {
    List<Problem> strays = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (Setting setting : settings.all()) {
      String name = setting.key().substring(0, setting.key().indexOf('.'));
      boolean isStray = !agentNames.contains(name) && !settings.isReferenced(setting.key());
      if (isStray && names.add(name)) {
        strays.add(
            setting.warning(
                "'" + name + "' is not an agent of these files; its keys are ignored",
                NearestName.question(name, agentNames)));
      }
    }
    return strays;
  }

  private Problem absent(String name) {
    if (agentNames.isEmpty()) {
      return noAgent();
    }
    String question = NearestName.question(name, agentNames);
    return new Problem(
        Severity.ERROR,
        place(),
        "",
        "",
        "there is no agent '" + name + "' (found: " + String.join(", ", agentNames) + ")",
        question.isEmpty() ? "Name one of these with --name." : question);
  }

  private Problem noAgent() {
    return new Problem(
        Severity.ERROR,
        place(),
        "",
        "",
        "there is no agent (expected: lines such as a1.sources = r1)",
        "");
  }

  private Place place() {
    return files.size() == 1 ? Place.of(files.get(0)) : Place.NOWHERE;
  }

  /** By file, then by line; what stands nowhere comes first. */
  private List<Problem> inOrder(List<Problem> problems) {
    return problems.stream()
        .distinct()
        .sorted(
            Comparator.<Problem>comparingInt(problem -> files.indexOf(problem.file()))
                .thenComparingInt(Problem::line))
        .toList();
  }
}
