/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import io.millrace.bench.machine.BenchDirectories;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker of Kafka as a process of its own, which ends with its standard input. */
public final class KafkaBroker implements AutoCloseable {
  private static final int STOP_SECONDS = 20;

  private final Process process;
  private final String address;

  private KafkaBroker(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Starts it and waits until it answers; topics are made as they are written to. */
  public static KafkaBroker start(Path directory) throws IOException {
    Path jars = BenchDirectories.root().resolve("servers/kafka/target/lib");
    if (!Files.isDirectory(jars)) {
      throw new IOException("no servers/kafka/target/lib; build servers/kafka");
    }
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    "-cp",
                    jars + "/*",
                    "io.millrace.servers.kafka.KafkaServerMain",
                    "--directory",
                    directory.toString()))
            .redirectError(directory.resolve("kafka.log").toFile())
            .start();
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = answers.readLine();
    if (line == null || !line.startsWith("READY ")) {
      process.destroyForcibly();
      throw new IOException("the broker says " + line + " (expected: READY HOST:PORT)");
    }
    return new KafkaBroker(process, line.substring("READY ".length()));
  }

  public String address() {
    return address;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
