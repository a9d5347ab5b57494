/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import io.millrace.bench.machine.BenchDirectories;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real HDFS with three data nodes in a process of its own. Closing stops it. */
public final class HdfsServerProcess implements AutoCloseable {
  private static final String READY = "READY ";

  private final Process process;
  private final Thread killAtExit;
  private final String uri;

  private HdfsServerProcess(Process process, Thread killAtExit, String uri) {
    this.process = process;
    this.killAtExit = killAtExit;
    this.uri = uri;
  }

  /** Starts it; it is up when this returns. */
  public static HdfsServerProcess start(Path directory) throws IOException {
    Path libraries = BenchDirectories.root().resolve("servers/hdfs/target/lib");
    if (!Files.isDirectory(libraries)) {
      throw new IOException("no servers/hdfs/target/lib; build servers/hdfs");
    }
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    "-Dlog4j2.level=ERROR",
                    "-cp",
                    libraries + "/*",
                    "io.millrace.servers.hdfs.HdfsServer",
                    "--directory",
                    directory.toString()))
            .redirectError(ProcessBuilder.Redirect.to(directory.resolve("server.log").toFile()))
            .start();
    Thread killAtExit = new Thread(process::destroyForcibly, "kill-hdfs");
    Runtime.getRuntime().addShutdownHook(killAtExit);
    BufferedReader answers = process.inputReader();
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(READY)) {
        return new HdfsServerProcess(process, killAtExit, line.substring(READY.length()).trim());
      }
    }
    throw new IOException("the HDFS server has ended, see " + directory.resolve("server.log"));
  }

  /** What stands in front of paths. */
  public String uri() {
    return uri;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(killAtExit);
    } catch (IllegalStateException e) {
      return; // this JVM is ending, and the hook finds nothing to do
    }
  }
}
