/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static io.millrace.client.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.rpc.thrift.ThriftProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client and the avro and thrift sources of a real Apache Flume 1.11, a process of its own. */
class FlumePeerTest {
  private static final Duration START_LIMIT = Duration.ofSeconds(120);

  @TempDir Path directory;
  private final int port = ToyServer.freePort();
  private Process flume;

  /** The source as its type and further lines say. */
  private void configure(String type, String more) throws IOException {
    Path lib = Path.of(System.getProperty("client.tests.flume.lib", "none"));
    assumeThat(lib).as("Flume, which mvn package lays out in flume-peer").isDirectory();
    Files.createDirectories(directory.resolve("store"));
    Files.writeString(
        directory.resolve("flume.properties"),
        """
        a1.sources = r1
        a1.channels = c1
        a1.sinks = k1
        a1.sources.r1.type = %3$s
        a1.sources.r1.bind = 127.0.0.1
        a1.sources.r1.port = %1$d
        a1.sources.r1.channels = c1
        a1.channels.c1.type = file
        a1.channels.c1.checkpointDir = %2$s/checkpoint
        a1.channels.c1.dataDirs = %2$s/data
        a1.sinks.k1.type = file_roll
        a1.sinks.k1.sink.directory = %2$s/store
        a1.sinks.k1.sink.rollInterval = 0
        a1.sinks.k1.sink.serializer = HEADER_AND_TEXT
        a1.sinks.k1.channel = c1
        %4$s
        """
            .formatted(port, directory, type, more));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (flume != null) {
      flume.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }
  }

  private void start() throws IOException {
    flume =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("client.tests.flume.lib") + "/*",
                "org.apache.flume.node.Application",
                "-n",
                "a1",
                "-f",
                directory.resolve("flume.properties").toString(),
                "--no-reload-conf")
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("flume.log").toFile()))
            .start();
  }

  private void awaitStarted() {
    await()
        .atMost(START_LIMIT)
        .untilAsserted(
            () -> {
              assertThat(flume.isAlive()).as("Flume runs").isTrue();
              new Socket(InetAddress.getLoopbackAddress(), port).close();
            });
  }

  private List<String> stored() {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve("store"))) {
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return lines;
  }

  // Flume is killed and started again under load: what it acknowledged, its file channel has.
  @Test
  void flumeGetsEveryEventThroughAbsenceKillAndRestart() throws Exception {
    configure("avro", "");
    checkAbsenceKillAndRestart(EventClient.builder().server("127.0.0.1", port));
  }

  @ParameterizedTest
  @CsvSource({"COMPACT, false", "BINARY, false", "COMPACT, true", "BINARY, true"})
  void flumesThriftSourceGetsThemTooInEitherEncodingPlainAndOverTls(
      ThriftProtocol protocol, boolean isTls) throws Exception {
    String source = "a1.sources.r1.protocol = " + protocol.name().toLowerCase(Locale.ROOT);
    ClientBuilder builder = EventClient.builder().server("localhost", port).thrift(protocol);
    if (isTls) {
      Path keyStore = WrappedLinkTest.newKeyStore(directory);
      source +=
          "\na1.sources.r1.ssl = true\na1.sources.r1.keystore = "
              + keyStore
              + "\na1.sources.r1.keystore-password = changeit"
              + "\na1.sources.r1.keystore-type = PKCS12";
      builder.tls(keyStore, "changeit");
    }
    configure("thrift", source);
    checkAbsenceKillAndRestart(builder);
  }

  private void checkAbsenceKillAndRestart(ClientBuilder builder) throws Exception {
    int events = 3000;
    try (EventClient client =
        builder
            .backoff(Duration.ofMillis(50), Duration.ofMillis(500))
            .deliveryTimeout(Duration.ofMinutes(5))
            .build()) {
      CompletableFuture<Void> early = client.send(Event.ofText(Map.of("k", "v"), "early"));
      start();
      assertThat(early).succeedsWithin(START_LIMIT);
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        sent.add(client.send(Event.ofText("e" + i)));
        if (i == events / 2) {
          await().until(() -> client.statistics().acknowledged() > 500);
          flume.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
          start();
        }
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(180, TimeUnit.SECONDS);
      awaitStarted();
      assertThat(client.statistics().failed()).isZero();
    }
    await().atMost(START_LIMIT).until(() -> stored().stream().distinct().count() >= events + 1);
    List<String> stored = stored();
    assertThat(stored).contains("{k=v} early").contains("{} e0", "{} e" + (events - 1));
    assertThat(stored.size()).as("duplicates").isLessThan(events + 1 + 8 * 100 + 1);
  }
}
