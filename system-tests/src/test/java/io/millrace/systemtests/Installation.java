/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Where the packaged command and Apache Flume stand, and how each is started. Immutable. */
public final class Installation {
  /**
   * For many short lives on few cores: the optimizing compiler costs more than it gains. A test
   * that says otherwise comes later on the command line and wins.
   */
  private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1");

  private Installation() {}

  /** The packaged command. */
  static Path command() {
    Path command = directory("system.tests.home").resolve("bin/millrace");
    if (!Files.isExecutable(command)) {
      throw new IllegalStateException(
          command
              + " is not there (expected: packaged by the module app, mvn -pl app -am package)");
    }
    return command;
  }

  /** A file that is packaged beside the command. */
  static Path packaged(String name) {
    Path file = directory("system.tests.home").resolve(name);
    if (!Files.isReadable(file)) {
      throw new IllegalStateException(
          file + " is not there (expected: packaged by the module app)");
    }
    return file;
  }

  public static Path sources() {
    return directory("system.tests.sources");
  }

  /** Where tests keep their files; below the build directory. */
  static Path runs() {
    return directory("system.tests.runs");
  }

  /** Whether Apache Flume stands in for Millrace, to compare them. */
  public static boolean isFlumeTheSubject() {
    return System.getProperty("system.tests.subject", "millrace").equals("flume");
  }

  static List<String> millraceAgent(Path conf, int metricsPort, List<String> jvmArguments) {
    List<String> words = new ArrayList<>(List.of(command().toString(), "agent", "--name", "a1"));
    words.addAll(List.of("--conf-file", conf.toString()));
    words.addAll(SHORT_LIVED);
    words.addAll(monitoring(metricsPort));
    words.addAll(jvmArguments);
    return words;
  }

  static List<String> flumeAgent(Path conf, int metricsPort, List<String> jvmArguments) {
    Path lib = flumeLib();
    try (Stream<Path> jars = Files.list(lib)) {
      if (jars.findAny().isEmpty()) {
        throw new IllegalStateException(lib + " is empty");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          lib + " is not there (expected: laid out by mvn -pl flume-peer package)", e);
    }
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> words = new ArrayList<>(List.of(java, "-Xmx256m"));
    words.addAll(SHORT_LIVED);
    words.addAll(monitoring(metricsPort));
    words.addAll(jvmArguments);
    // The connectors' jars stand behind: what both have is Flume's own.
    Path hdfs = directory("system.tests.flume.hdfs.lib");
    words.add("-cp");
    words.add(loggingOfFlume() + ":" + lib + "/*:" + hdfs + "/*:" + flumeKafkaLib() + "/*");
    words.addAll(List.of("org.apache.flume.node.Application", "-n", "a1", "-f", conf.toString()));
    words.add("--no-reload-conf");
    return words;
  }

  /** The jars of a whole Flume 1.11. */
  public static Path flumeLib() {
    return directory("system.tests.flume.lib");
  }

  /** The jars of the HDFS that tests run. */
  public static Path hdfsServerLib() {
    return directory("system.tests.hdfs.server.lib");
  }

  /** The jars of Flume's Kafka components; laid out by the module flume-peer/kafka. */
  static Path flumeKafkaLib() {
    return sources().resolve("flume-peer/kafka/target/lib");
  }

  /** Jars of clients that are no part of an agent, a directory for each. */
  public static Path flumeClients() {
    return flumeLib().resolveSibling("clients");
  }

  /** The installation that the module app has packaged. */
  public static Path home() {
    return directory("system.tests.home");
  }

  private static List<String> monitoring(int metricsPort) {
    return List.of("-Dflume.monitoring.type=http", "-Dflume.monitoring.port=" + metricsPort);
  }

  private static Path loggingOfFlume() {
    URL conf = Installation.class.getResource("/flume-conf");
    try {
      return Path.of(Objects.requireNonNull(conf, "/flume-conf").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("The test classes stand at " + conf, e);
    }
  }

  private static Path directory(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException(
          property
              + " is not set (expected: the tests are run by Maven, see system-tests/pom.xml)");
    }
    return Path.of(value).toAbsolutePath().normalize();
  }
}
