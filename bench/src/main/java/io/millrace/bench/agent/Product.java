/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The two that are compared: how each is started with the same configuration file. */
public enum Product {
  MILLRACE("Millrace") {
    @Override
    List<String> command(Path root, Launch launch) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(launcher(root).toString());
      command.addAll(List.of("agent", "--name", "a1", "--conf-file", launch.file().toString()));
      command.addAll(monitoring(launch));
      command.addAll(launch.jvmOptions());
      return command;
    }

    private Path launcher(Path root) throws IOException {
      try (Stream<Path> files = Files.list(root.resolve("app/target"))) {
        Optional<Path> launcher =
            files.map(p -> p.resolve("bin/millrace")).filter(Files::isExecutable).findFirst();
        return launcher.orElseThrow(
            () -> new IOException("no app/target/millrace-<version>/bin/millrace; build app"));
      }
    }
  },

  FLUME("Apache Flume 1.11.0") {
    @Override
    List<String> command(Path root, Launch launch) throws IOException {
      Path libraries = root.resolve("flume-peer/target/lib");
      if (!Files.isDirectory(libraries)) {
        throw new IOException("no flume-peer/target/lib; build flume-peer");
      }
      Files.writeString(launch.directory().resolve("log4j2.xml"), LOG4J2);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(launch.jvmOptions());
      command.addAll(monitoring(launch));
      Path hdfs = root.resolve("flume-peer/hdfs/target/lib");
      command.addAll(List.of("-cp", launch.directory() + ":" + libraries + "/*:" + hdfs + "/*"));
      command.add("org.apache.flume.node.Application");
      command.addAll(List.of("-n", "a1", "-f", launch.file().toString(), "--no-reload-conf"));
      return command;
    }
  };

  private static final String LOG4J2 =
      """
      <Configuration status="ERROR">
        <Appenders>
          <Console name="console"><PatternLayout pattern="%d %-5p %c{1}: %m%n"/></Console>
        </Appenders>
        <Loggers><Root level="WARN"><AppenderRef ref="console"/></Root></Loggers>
      </Configuration>
      """;

  private final String title;

  Product(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }

  abstract List<String> command(Path root, Launch launch) throws IOException;

  private static List<String> monitoring(Launch launch) {
    return List.of(
        "-Dflume.monitoring.type=http", "-Dflume.monitoring.port=" + launch.monitoringPort());
  }

  /** In names of files. */
  public String slug() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * One start.
   *
   * @param directory of this start alone
   * @param file the configuration
   */
  record Launch(Path directory, Path file, int monitoringPort, List<String> jvmOptions) {}
}
