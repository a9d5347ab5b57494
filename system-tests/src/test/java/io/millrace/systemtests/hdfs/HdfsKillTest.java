/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Ports;
import io.millrace.systemtests.Scene;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An agent that reads a log and writes to HDFS is killed at random moments while it writes, and
 * started again: nothing is lost and no file stays in use; with {@code millrace.release = close}
 * nothing is twice. Promise 6: durable to the end.
 */
@Tag("long")
final class HdfsKillTest {
  private static final int LINES_A_ROUND = 2_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  @ParameterizedTest
  @ValueSource(strings = {"sync", "close"})
  void nothingIsLostWhenTheAgentIsKilledWhileItWrites(String release) throws Exception {
    int kills = Integer.getInteger("system.tests.hdfs.kills", 6);
    Path log = Files.createFile(scene.directory("logs").resolve("app.log"));
    int written = 0;
    int finished;
    try (HdfsProcess hdfs = HdfsProcess.start(scene.directory())) {
      int port = Ports.free();
      // Never killed, and each event comes over the hop once: a source that reads again would be
      // taken for a sink that writes twice.
      AgentProcess edge = scene.millrace("edge", edge(log, port)).startAndAwait();
      AgentProcess agent = scene.millrace("agent", conf(hdfs.uri() + "/logs", port, release));
      Random random = scene.random();
      for (int kill = 0; kill < kills; kill++) {
        agent.startAndAwait();
        for (int piece = 0; piece < 10; piece++) {
          written = append(log, written, LINES_A_ROUND / 10);
          pause(random.nextInt(100));
        }
        agent.kill();
      }
      agent.startAndAwait();
      written = append(log, written, LINES_A_ROUND);
      int all = written;
      Conditions.await(
          "the log is read",
          LIMIT,
          Duration.ofMillis(200),
          () ->
              agent.metric("CHANNEL.disk", "ChannelSize") == 0
                  && edge.metric("CHANNEL.disk", "ChannelSize") == 0
                  && Files.size(log) == positionOf(scene.directory().resolve("positions.json")));
      Conditions.await(
          "no file is in use, for all are older than a second",
          LIMIT,
          Duration.ofSeconds(1),
          () -> inUse(export(hdfs)) == 0);
      edge.stop();
      agent.stop();
      Map<String, Integer> lines = lines(export(hdfs));
      finished = inUse(scene.directory().resolve("export"));
      long duplicates = lines.values().stream().mapToInt(count -> count - 1).sum();
      Scene.say(
          "release = %s: %d kills, %d lines, %d duplicates, %d cut short, %d files in use"
              .formatted(release, kills, all, duplicates, torn(lines), finished));
      for (int i = 0; i < all; i++) {
        assertThat(lines).as("line %d is stored", i).containsKey(line(i));
      }
      if (release.equals("close")) {
        assertThat(duplicates).as("duplicates").isZero();
        assertThat(torn(lines)).as("lines cut short").isZero();
      }
    }
    assertThat(finished).as("files in use after the agent has stopped").isZero();
  }

  private static void pause(int millis) {
    long end = System.nanoTime() + millis * 1_000_000L;
    Conditions.await("time passes", LIMIT, Duration.ofMillis(5), () -> System.nanoTime() > end);
  }

  private static String line(int number) {
    return "line %08d of the log, with some words behind it".formatted(number);
  }

  private static int append(Path log, int from, int count) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < from + count; i++) {
      text.append(line(i)).append('\n');
    }
    Files.writeString(log, text, java.nio.file.StandardOpenOption.APPEND);
    return from + count;
  }

  private static long positionOf(Path positions) throws IOException {
    String text = Files.exists(positions) ? Files.readString(positions) : "";
    var found = java.util.regex.Pattern.compile("\"pos\":(\\d+)").matcher(text);
    return found.find() ? Long.parseLong(found.group(1)) : -1;
  }

  private Path export(HdfsProcess hdfs) throws IOException {
    Path target = scene.directory().resolve("export");
    if (Files.exists(target)) {
      try (Stream<Path> tree = Files.walk(target)) {
        for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    hdfs.command("copy /logs " + target);
    return target;
  }

  private static int inUse(Path export) throws IOException {
    try (Stream<Path> files = Files.walk(export)) {
      return (int) files.filter(file -> file.toString().endsWith(".tmp")).count();
    }
  }

  private static long torn(Map<String, Integer> lines) {
    return lines.keySet().stream().filter(line -> line.length() != line(0).length()).count();
  }

  private static Map<String, Integer> lines(Path export) throws IOException {
    Map<String, Integer> lines = new HashMap<>();
    List<Path> all;
    try (Stream<Path> files = Files.walk(export)) {
      all = files.filter(Files::isRegularFile).toList();
    }
    for (Path file : all) {
      for (String line : Files.readAllLines(file)) {
        lines.merge(line, 1, Integer::sum);
      }
    }
    return lines;
  }

  /** taildir -> file -> avro, with a header that changes with the event. */
  private String edge(Path log, int port) {
    Path state = scene.directory();
    return """
        a1.sources = tail
        a1.channels = disk
        a1.sinks = uplink

        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s
        a1.sources.tail.positionFile = %s/positions.json
        a1.sources.tail.writePosInterval = 200
        a1.sources.tail.batchSize = 50
        a1.sources.tail.channels = disk
        a1.sources.tail.interceptors = shard
        a1.sources.tail.interceptors.shard.type = regex_extractor
        a1.sources.tail.interceptors.shard.regex = line \\d+(\\d)
        a1.sources.tail.interceptors.shard.serializers = s
        a1.sources.tail.interceptors.shard.serializers.s.name = shard

        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %s/edge/checkpoint
        a1.channels.disk.dataDirs = %s/edge/data

        a1.sinks.uplink.type = avro
        a1.sinks.uplink.channel = disk
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        """
        .formatted(log, state, state, state, port);
  }

  /** avro -> file -> hdfs, in directories by the header. */
  private String conf(String path, int port, String release) {
    Path state = scene.directory();
    return """
        a1.sources = in
        a1.channels = disk
        a1.sinks = store

        a1.sources.in.type = avro
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %d
        a1.sources.in.channels = disk

        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %s/checkpoint
        a1.channels.disk.dataDirs = %s/data

        a1.sinks.store.type = hdfs
        a1.sinks.store.channel = disk
        a1.sinks.store.hdfs.path = %s/%%{shard}
        a1.sinks.store.hdfs.fileType = DataStream
        a1.sinks.store.hdfs.rollInterval = 1
        a1.sinks.store.hdfs.rollSize = 0
        a1.sinks.store.hdfs.rollCount = 150
        a1.sinks.store.millrace.release = %s
        """
        .formatted(port, state, state, path, release);
  }
}
