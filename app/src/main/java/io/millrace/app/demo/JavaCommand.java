/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import io.millrace.app.InstalledComponents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the millrace command again as this process was started. Immutable. */
final class JavaCommand {
  /** Keeps SIGINT from the terminal off the agents: the demo tells them when to stop. */
  private static final List<String> WITHOUT_INTERRUPT =
      List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "millrace-demo");

  private final String java;
  private final String classPath;
  private final String mainClass;

  JavaCommand(String mainClass) {
    this.mainClass = mainClass;
    java =
        ProcessHandle.current()
            .info()
            .command()
            .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    classPath = System.getProperty("java.class.path");
  }

  /** The command of an agent with its metrics on {@code metricsPort} of the loopback address. */
  List<String> agent(String agentName, Path configuration, int metricsPort) {
    List<String> command = new ArrayList<>(WITHOUT_INTERRUPT);
    command.addAll(
        List.of(
            java,
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-D"
                + InstalledComponents.PLUGINS_PATH
                + "="
                + System.getProperty(InstalledComponents.PLUGINS_PATH, ""),
            "-Dflume.monitoring.type=http",
            "-Dflume.monitoring.port=" + metricsPort,
            "-cp",
            classPath,
            mainClass,
            "agent",
            "--name",
            agentName,
            "--conf-file",
            configuration.toString(),
            "--stop-with-parent"));
    return command;
  }

  /** The command of another program, with the jars of a directory as its class path. */
  List<String> program(Path jars, String main, String... arguments) {
    List<String> command = new ArrayList<>(WITHOUT_INTERRUPT);
    command.addAll(List.of(java, "-Xmx512m", "-XX:+UseSerialGC", "-cp", jars + "/*", main));
    command.addAll(List.of(arguments));
    return command;
  }
}
