/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.hdfs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads commands, one a line, and answers each with {@code OK command} or {@code ERROR command:
 * reason}:
 *
 * <pre>
 *   kill-datanode N | start-datanode N | stop-namenode | start-namenode | restart-namenode
 *   safemode on|off | quota DIRECTORY BYTES | stop
 * </pre>
 *
 * Confined to one thread.
 */
final class ServerConsole {
  private final HdfsServer server;
  private final PrintStream answers;

  ServerConsole(HdfsServer server, PrintStream answers) {
    this.server = server;
    this.answers = answers;
  }

  static HdfsServer.Settings settings(String[] arguments) throws IOException {
    Path directory = null;
    int dataNodes = 3;
    int port = 0;
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      switch (arguments[i]) {
        case "--directory" -> directory = Path.of(arguments[i + 1]).toAbsolutePath();
        case "--data-nodes" -> dataNodes = Integer.parseInt(arguments[i + 1]);
        case "--port" -> port = Integer.parseInt(arguments[i + 1]);
        default ->
            throw new IllegalArgumentException(
                "argument: " + arguments[i] + " (expected: --directory, --data-nodes or --port)");
      }
    }
    boolean isKept = directory != null;
    if (!isKept) {
      directory = Files.createTempDirectory("millrace-hdfs");
    }
    return new HdfsServer.Settings(directory, dataNodes, port, isKept);
  }

  /** Until the input ends or {@code stop}. */
  void run(InputStream input) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String command = line.trim();
      if (command.equals("stop")) {
        return;
      }
      if (!command.isEmpty()) {
        answers.println(answer(command));
        answers.flush();
      }
    }
  }

  private String answer(String command) {
    try {
      execute(command.split("\\s+"));
      return "OK " + command;
    } catch (IOException | RuntimeException e) {
      return "ERROR " + command + ": " + e;
    }
  }

  private void execute(String[] words) throws IOException {
    switch (words[0]) {
      case "kill-datanode" -> server.stopDataNode(Integer.parseInt(words[1]));
      case "start-datanode" -> server.startDataNode(Integer.parseInt(words[1]));
      case "stop-namenode" -> server.stopNameNode();
      case "start-namenode" -> server.startNameNode();
      case "restart-namenode" -> {
        server.stopNameNode();
        server.startNameNode();
      }
      case "safemode" -> server.safeMode(words[1].equals("on"));
      case "quota" -> server.spaceQuota(words[1], Long.parseLong(words[2]));
      default -> throw new IllegalArgumentException("no such command");
    }
  }
}
