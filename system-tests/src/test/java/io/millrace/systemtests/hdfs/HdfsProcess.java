/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.Installation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real HDFS with three data nodes in a process of its own, which takes commands. Confined to one
 * thread.
 */
final class HdfsProcess implements AutoCloseable {
  private static final String READY = "READY ";

  private final Process process;
  private final Thread lastResort;
  private final BufferedReader answers;
  private final PrintWriter commands;
  private final String uri;

  private HdfsProcess(Process process) {
    this.process = process;
    this.lastResort = new Thread(process::destroyForcibly, "hdfs/last-resort");
    Runtime.getRuntime().addShutdownHook(lastResort);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.uri = lineThatBegins(READY).substring(READY.length());
  }

  /** Its data are in {@code data} below the directory. */
  static HdfsProcess start(Path directory, String... more) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        new ArrayList<>(
            List.of(
                java,
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Installation.hdfsServerLib() + "/*",
                "io.millrace.servers.hdfs.HdfsServer",
                "--directory",
                directory.resolve("data").toString()));
    command.addAll(List.of(more));
    return new HdfsProcess(
        new ProcessBuilder(command).redirectError(directory.resolve("hdfs.log").toFile()).start());
  }

  private String lineThatBegins(String start) {
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(start)) {
          return line.trim();
        }
        if (line.startsWith("ERROR ")) {
          throw new IllegalStateException(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Answers of the HDFS", e);
    }
    throw new IllegalStateException("the HDFS has ended");
  }

  /** What stands in front of paths. */
  String uri() {
    return uri;
  }

  /** Does it and waits until it is done. */
  void command(String command) {
    commands.println(command);
    lineThatBegins("OK " + command);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      boolean isOver = process.waitFor(60, TimeUnit.SECONDS);
      if (!isOver) {
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(lastResort);
      assertThat(isOver).as("the HDFS ends when it is told to").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
