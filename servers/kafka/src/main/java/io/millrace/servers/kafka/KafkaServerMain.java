/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.kafka;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs a broker as a process of its own.
 *
 * <pre>
 *   [--directory DIR] [--port PORT] [--set NAME=VALUE]...
 * </pre>
 *
 * <p>Without a directory it takes a temporary one and removes it at the end. Once the broker is up
 * it prints {@code READY 127.0.0.1:PORT}, and runs until its standard input ends or it is asked to
 * stop by a signal. A line of input is a command, answered with a line: {@code stop} with {@code
 * STOPPED}, {@code start} and {@code restart} with another {@code READY 127.0.0.1:PORT}.
 */
public final class KafkaServerMain {
  private KafkaServerMain() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    // Libraries that print would spoil what callers read.
    System.setOut(System.err);
    boolean isOwn = !List.of(arguments).contains("--directory");
    Path directory = isOwn ? Files.createTempDirectory("millrace-kafka") : null;
    KafkaServer.Builder builder = builder(arguments, directory);
    KafkaServer server = builder.start();
    Thread atExit = new Thread(() -> end(server, directory), "stop-kafka");
    Runtime.getRuntime().addShutdownHook(atExit);
    ready(out, server);
    serve(server, out);
    System.exit(0);
  }

  private static KafkaServer.Builder builder(String[] arguments, Path ownDirectory) {
    KafkaServer.Builder builder = ownDirectory == null ? null : KafkaServer.in(ownDirectory);
    for (int i = 0; i + 1 < arguments.length && builder == null; i++) {
      if (arguments[i].equals("--directory")) {
        builder = KafkaServer.in(Path.of(arguments[i + 1]).toAbsolutePath());
      }
    }
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length || builder == null) {
        throw new IllegalArgumentException(arguments[i] + " (expected: a value behind it)");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--directory" -> {}
        case "--port" -> builder.port(Integer.parseInt(value));
        case "--set" -> {
          int at = value.indexOf('=');
          if (at < 1) {
            throw new IllegalArgumentException("--set " + value + " (expected: NAME=VALUE)");
          }
          builder.set(value.substring(0, at), value.substring(at + 1));
        }
        default ->
            throw new IllegalArgumentException(
                arguments[i] + " (expected: --directory, --port or --set)");
      }
    }
    return builder;
  }

  private static void serve(KafkaServer server, PrintStream out) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command = in.readLine(); command != null; command = in.readLine()) {
      switch (command.trim()) {
        case "stop" -> {
          server.stop();
          out.println("STOPPED");
          out.flush();
        }
        case "start" -> {
          server.start();
          ready(out, server);
        }
        case "restart" -> {
          server.stop();
          server.start();
          ready(out, server);
        }
        case "" -> {}
        default -> {
          out.println("UNKNOWN (expected: stop, start or restart)");
          out.flush();
        }
      }
    }
  }

  private static void ready(PrintStream out, KafkaServer server) {
    out.println("READY " + server.bootstrap());
    out.flush();
  }

  private static void end(KafkaServer server, Path ownDirectory) {
    server.close();
    if (ownDirectory == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(ownDirectory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("Could not remove " + ownDirectory + ": " + e);
    }
  }
}
