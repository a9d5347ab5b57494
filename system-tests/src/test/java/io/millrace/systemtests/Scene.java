/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What one test owns: a directory, a seed, and the agents it starts. When the test is over they are
 * killed, and if it failed the ends of their logs are printed. Safe for many threads.
 */
public final class Scene implements BeforeEachCallback, AfterEachCallback {
  /** How much of each log is printed when a test fails. */
  private static final int LOG_TAIL_LINES = 60;

  private final List<AgentProcess> agents = Collections.synchronizedList(new ArrayList<>());
  private final Thread lastResort = new Thread(this::endAgents, "scene/last-resort");
  private Path directory;
  private long seed;

  @Override
  public void beforeEach(ExtensionContext context) {
    String test = context.getRequiredTestClass().getSimpleName();
    directory = Installation.runs().resolve(test).resolve(directoryName(context));
    deleteTree(directory);
    createDirectories(directory);
    seed = Long.getLong("system.tests.seed", 0);
    if (seed == 0) {
      seed = System.nanoTime() & 0xffffff;
    }
    say("%s.%s: seed %d".formatted(test, context.getDisplayName(), seed));
    // A test run that is ended from outside leaves no process behind.
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    endAgents();
    Runtime.getRuntime().removeShutdownHook(lastResort);
    if (context.getExecutionException().isPresent()) {
      say("%s failed with seed %d".formatted(context.getDisplayName(), seed));
      say("Its files: " + directory);
      agents.forEach(agent -> say(tail(agent)));
    }
  }

  /** The method, and which one of its parameter sets. */
  private static String directoryName(ExtensionContext context) {
    String method = context.getRequiredTestMethod().getName();
    String display = context.getDisplayName();
    return display.startsWith(method)
        ? method
        : method + "-" + display.replaceAll("[^A-Za-z0-9]+", "-");
  }

  /** A directory of its own, empty at the start; kept after the test. */
  public Path directory() {
    return directory;
  }

  /** A new directory below. */
  public Path directory(String name) {
    return createDirectories(directory.resolve(name));
  }

  public Random random() {
    return new Random(seed);
  }

  /** The packaged command as an agent; or Apache Flume, when that is to stand in for it. */
  public AgentProcess millrace(String name, String configuration, String... jvmArguments) {
    List<String> arguments = List.of(jvmArguments);
    return keep(
        Installation.isFlumeTheSubject()
            ? AgentProcess.flume(name, directory, configuration, arguments)
            : AgentProcess.millrace(name, directory, configuration, arguments));
  }

  public AgentProcess flume(String name, String configuration, String... jvmArguments) {
    return keep(AgentProcess.flume(name, directory, configuration, List.of(jvmArguments)));
  }

  /** A line of the test's own report. */
  @SuppressWarnings("SystemOut") // The report of a test run is read where it runs.
  public static void say(String line) {
    System.out.println("[system-tests] " + line);
  }

  private AgentProcess keep(AgentProcess agent) {
    agents.add(agent);
    return agent;
  }

  private void endAgents() {
    List.copyOf(agents).forEach(AgentProcess::close);
  }

  private static String tail(AgentProcess agent) {
    String[] lines = agent.log().split("\n", -1);
    int first = Math.max(0, lines.length - LOG_TAIL_LINES);
    String end = String.join("\n", Arrays.asList(lines).subList(first, lines.length));
    return "end of the log of " + agent.name() + ":\n" + end;
  }

  private static Path createDirectories(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + directory, e);
    }
  }

  private static void deleteTree(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not empty " + root, e);
    }
  }
}
