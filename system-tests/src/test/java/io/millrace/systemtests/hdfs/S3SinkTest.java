/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Scene;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The HDFS sink writes to an S3 store: what is installed is enough for it, and nothing is lost when
 * the store is away for a while or the agent is killed. Promise 6: durable to the end.
 */
@Tag("long")
final class S3SinkTest {
  private static final int LINES_A_ROUND = 3_000;
  private static final int KILLS = 2;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  private int written;

  @Test
  void nothingIsLostWhenTheStoreIsAwayAndTheAgentIsKilled() throws Exception {
    Path log = Files.createFile(scene.directory("logs").resolve("app.log"));
    try (S3Process s3 = S3Process.start(scene.directory("s3"), "logs")) {
      AgentProcess agent = scene.millrace("agent", conf(log, s3)).startAndAwait();
      append(log);
      // Between two writes: the server itself does not survive being killed in one.
      Conditions.await("the first lines are stored", LIMIT, () -> isAllStored(s3));
      s3.kill();
      append(log);
      Conditions.await(
          "the source goes on",
          LIMIT,
          () -> agent.metric("SOURCE.tail", "EventAcceptedCount") >= written);
      s3.start();
      for (int kill = 0; kill < KILLS; kill++) {
        int before = lines(s3).size();
        append(log);
        Conditions.await("more is stored", LIMIT, () -> lines(s3).size() > before);
        agent.kill();
        agent.startAndAwait();
      }

      Conditions.await(
          "every line is stored and no name is in use",
          LIMIT,
          Duration.ofMillis(500),
          () -> isAllStored(s3));
      agent.stop();
      Map<String, Integer> lines = lines(s3);
      long duplicates = lines.values().stream().mapToInt(count -> count - 1).sum();
      Scene.say("%d kills, %d lines, %d duplicates".formatted(KILLS, written, duplicates));
      for (int i = 0; i < written; i++) {
        assertThat(lines).containsKey(line(i));
      }
      assertThat(lines).as("lines that nobody wrote, or cut short").hasSize(written);
      assertThat(inUse(s3)).as("objects in use after the stop").isZero();
    }
  }

  private static String line(int number) {
    return "line %08d of the log, with some words behind it".formatted(number);
  }

  private void append(Path log) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = written; i < written + LINES_A_ROUND; i++) {
      text.append(line(i)).append('\n');
    }
    Files.writeString(log, text, StandardOpenOption.APPEND);
    written += LINES_A_ROUND;
  }

  private boolean isAllStored(S3Process s3) throws IOException {
    return lines(s3).size() == written && inUse(s3) == 0;
  }

  private static long inUse(S3Process s3) throws IOException {
    return objects(s3).stream().filter(object -> object.toString().endsWith(".tmp")).count();
  }

  private static Map<String, Integer> lines(S3Process s3) throws IOException {
    Map<String, Integer> lines = new HashMap<>();
    for (Path object : objects(s3)) {
      if (object.toString().endsWith(".tmp")) {
        continue;
      }
      try {
        Files.readAllLines(object).forEach(line -> lines.merge(line, 1, Integer::sum));
      } catch (NoSuchFileException e) {
        // The server was putting another file in its place; it is there the next time.
      }
    }
    return lines;
  }

  private static List<Path> objects(S3Process s3) throws IOException {
    Path web = s3.objects().resolve("logs/web");
    if (!Files.exists(web)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(web)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** taildir -> file -> hdfs on s3a. */
  private String conf(Path log, S3Process s3) {
    Path state = scene.directory();
    return """
        a1.sources = tail
        a1.channels = disk
        a1.sinks = store

        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s
        a1.sources.tail.positionFile = %s/positions.json
        a1.sources.tail.writePosInterval = 200
        a1.sources.tail.channels = disk

        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %s/checkpoint
        a1.channels.disk.dataDirs = %s/data

        a1.sinks.store.type = hdfs
        a1.sinks.store.channel = disk
        a1.sinks.store.hdfs.path = s3a://logs/web
        a1.sinks.store.hdfs.fileType = DataStream
        a1.sinks.store.hdfs.rollInterval = 1
        a1.sinks.store.hdfs.rollSize = 0
        a1.sinks.store.hdfs.rollCount = 500
        a1.sinks.store.millrace.hadoop.fs.s3a.endpoint = %s
        a1.sinks.store.millrace.hadoop.fs.s3a.endpoint.region = us-east-1
        a1.sinks.store.millrace.hadoop.fs.s3a.path.style.access = true
        a1.sinks.store.millrace.hadoop.fs.s3a.access.key = %s
        a1.sinks.store.millrace.hadoop.fs.s3a.secret.key = %s
        """
        .formatted(log, state, state, state, s3.endpoint(), S3Process.KEY, S3Process.SECRET);
  }
}
