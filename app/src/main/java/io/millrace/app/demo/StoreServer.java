/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import io.millrace.app.CommandFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real store in a process of its own, for the length of a demo. It ends with its standard input,
 * so that it does not outlive the demo. Confined to the demo's thread.
 */
final class StoreServer implements AutoCloseable {
  /** System property that the launcher sets: where the servers were built. */
  private static final String SERVERS = "millrace.servers";

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final Duration READ_BACK_LIMIT = Duration.ofMinutes(2);
  private static final String READY = "READY ";

  private final StoreKind kind;
  private final JavaCommand java;
  private final Path jars;
  private final Path output;
  private final Process process;
  private final String address;

  private StoreServer(
      StoreKind kind, JavaCommand java, Path jars, Path output, Process process, String address) {
    this.kind = kind;
    this.java = java;
    this.jars = jars;
    this.output = output;
    this.process = process;
    this.address = address;
  }

  /**
   * Starts the server and waits until it is up.
   *
   * @param state where it keeps its files
   * @param output gets its log
   * @throws CommandFailedException when it is not built here, or does not start
   */
  static StoreServer start(StoreKind kind, JavaCommand java, Path state, Path output)
      throws IOException, InterruptedException {
    Path jars = jars(kind);
    Files.createDirectories(state);
    Process process =
        new ProcessBuilder(java.program(jars, kind.serverClass(), "--directory", state.toString()))
            .directory(state.toFile())
            .redirectError(output.toFile())
            .start();
    // On a thread of its own: what the server prints later must not fill the pipe.
    CompletableFuture<String> ready = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(process, ready), "demo-store-output");
    reader.setDaemon(true);
    reader.start();
    try {
      String address = ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
      return new StoreServer(kind, java, jars, output, process, address);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly().waitFor();
      throw new CommandFailedException(
          1,
          "The store ("
              + kind.word()
              + ") did not start. The end of "
              + output
              + ":\n"
              + tail(output),
          e);
    }
  }

  private static Path jars(StoreKind kind) {
    String servers = System.getProperty(SERVERS, "");
    Path jars = Path.of(servers).resolve(kind.word()).resolve("target").resolve("lib");
    if (servers.isEmpty() || !Files.isDirectory(jars)) {
      throw new CommandFailedException(
          2,
          "--store "
              + kind.word()
              + " runs a server that only a source checkout has (bin/millrace builds it there)"
              + (servers.isEmpty() ? "." : "; it is not in " + jars + ".")
              + " An agent of this installation stores there all the same: examples/demo/"
              + kind.template());
    }
    return jars;
  }

  private static void read(Process process, CompletableFuture<String> ready) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(READY)) {
          ready.complete(line.substring(READY.length()).strip());
        }
      }
      ready.completeExceptionally(new IOException("it ended"));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  private static String tail(Path output) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(output, StandardCharsets.ISO_8859_1));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
  }

  /** What the collector's configuration needs to know: a URI, or the brokers. */
  String address() {
    return kind == StoreKind.HDFS ? address + kind.place() : address;
  }

  /** For the picture. */
  String shown() {
    return kind == StoreKind.HDFS ? address() : "kafka://" + address + "/" + kind.place();
  }

  /** Copies every stored line into {@code target}, by a client of the store's own. */
  void readBack(Path target) throws IOException, InterruptedException {
    Process client =
        new ProcessBuilder(java.program(jars, kind.readBackClass(), address, kind.place()))
            .redirectOutput(target.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    boolean isEnded = client.waitFor(READ_BACK_LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (!isEnded || client.exitValue() != 0) {
      client.destroyForcibly();
      throw new CommandFailedException(
          1,
          "The store cannot be read back ("
              + (isEnded ? "status " + client.exitValue() : "no end in time")
              + "). The end of "
              + output
              + ":\n"
              + tail(output));
    }
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
