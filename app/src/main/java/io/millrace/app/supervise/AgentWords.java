/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import io.millrace.app.CommandFailedException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of the agent: what stands after {@code --}, behind the launcher of the same
 * installation. Immutable.
 */
final class AgentWords {
  /** The process that the agent must not outlive; see {@code --stop-with-parent}. */
  static final String PARENT_PROPERTY = "millrace.supervisor.pid";

  /** How often the agent was started again by this supervisor. */
  static final String RESTARTS_PROPERTY = "millrace.supervisor.restarts";

  private static final Set<String> COMMANDS = Set.of("agent", "node");
  private static final Optional<String> NOWHERE = Optional.empty();
  private static final String DEFAULT_PORT = "41414";
  private static final String TYPE_PROPERTY = "flume.monitoring.type";
  private static final String ADMIN_PORT_PROPERTY = "millrace.admin.port";
  private static final String ADMIN_BIND_PROPERTY = "millrace.admin.bind";
  private static final String PORT_PROPERTY = "flume.monitoring.port";
  private static final String BIND_PROPERTY = "flume.monitoring.bind";

  /** Keeps SIGINT from the terminal off the agent: the supervisor tells it when to stop. */
  private static final List<String> WITHOUT_INTERRUPT =
      List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "millrace-supervise");

  private final Path launcher;
  private final List<String> words;

  private AgentWords(Path launcher, List<String> words) {
    this.launcher = launcher;
    this.words = List.copyOf(words);
  }

  /**
   * @param home of the installation
   * @param words what is to be run, such as {@code agent -n a1 -f flume.conf}
   * @throws CommandFailedException when that is no agent, or there is no launcher
   */
  static AgentWords of(Optional<Path> home, List<String> words) {
    if (words.isEmpty()) {
      throw new CommandFailedException(
          2,
          "there is nothing after -- (expected: the agent to run, as in 'millrace supervise --"
              + " agent -n a1 -f flume.conf')");
    }
    if (!COMMANDS.contains(words.get(0))) {
      throw new CommandFailedException(
          2,
          "after --: '"
              + words.get(0)
              + "' (expected: agent, with its options; other commands end by themselves)");
    }
    Path launcher =
        home.map(path -> path.resolve("bin").resolve("millrace"))
            .filter(Files::isExecutable)
            .orElseThrow(
                () ->
                    new CommandFailedException(
                        1,
                        "bin/millrace was not found in "
                            + home.map(Path::toString).orElse("the installation")
                            + "; start the supervisor with the bin/millrace of an installation"));
    return new AgentWords(launcher, words);
  }

  List<String> command(int restarts) {
    List<String> command = new ArrayList<>(WITHOUT_INTERRUPT);
    command.add(launcher.toString());
    command.addAll(words);
    command.add("--stop-with-parent");
    command.add("-D" + PARENT_PROPERTY + "=" + ProcessHandle.current().pid());
    command.add("-D" + RESTARTS_PROPERTY + "=" + restarts);
    return command;
  }

  /** The agent's own options as they may be shown: what a property is set to may be a secret. */
  String shown() {
    List<String> shown = new ArrayList<>();
    boolean isValue = false;
    for (String word : words) {
      boolean isProperty = isValue || (word.startsWith("-D") && word.length() > 2);
      shown.add(isProperty ? word.replaceFirst("=.*", "=...") : word);
      isValue = word.equals("-D");
    }
    return String.join(" ", shown);
  }

  /** Where an agent with these options answers, if it does. */
  Optional<URI> health() {
    boolean isHttp = property(TYPE_PROPERTY).filter("http"::equalsIgnoreCase).isPresent();
    // As the agent itself decides: its own port wins, Flume's asks for the type.
    return property(ADMIN_PORT_PROPERTY)
        .or(() -> isHttp ? property(PORT_PROPERTY).or(() -> Optional.of(DEFAULT_PORT)) : NOWHERE)
        .filter(port -> port.matches("[1-9][0-9]{0,4}"))
        .map(port -> URI.create("http://" + host() + ":" + port + "/health/live"));
  }

  private String host() {
    String bind = property(ADMIN_BIND_PROPERTY).or(() -> property(BIND_PROPERTY)).orElse("");
    // Bound to every address it answers on the loopback address too.
    boolean isAny = bind.isEmpty() || bind.equals("0.0.0.0") || bind.equals("::");
    return isAny ? "127.0.0.1" : bind.contains(":") ? "[" + bind + "]" : bind;
  }

  /** The value of a system property that the launcher would hand to the JVM; the last wins. */
  Optional<String> property(String name) {
    Optional<String> value = Optional.empty();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String setting =
          word.equals("-D") && i + 1 < words.size()
              ? words.get(i + 1)
              : word.startsWith("-D") ? word.substring(2) : "";
      if (setting.startsWith(name + "=")) {
        value = Optional.of(setting.substring(name.length() + 1));
      }
    }
    return value;
  }

  /** Where a crashed JVM leaves its report. */
  Path jvmReport(Path workingDirectory, long pid) {
    String file = "hs_err_pid" + pid + ".log";
    for (String word : words) {
      if (word.startsWith("-XX:ErrorFile=")) {
        file = word.substring(word.indexOf('=') + 1).replace("%p", String.valueOf(pid));
      }
    }
    return workingDirectory.resolve(file);
  }
}
