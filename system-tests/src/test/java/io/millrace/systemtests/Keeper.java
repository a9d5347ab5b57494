/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An agent avro -> file -> file_roll on directories of the test's choice. It keeps all that it is
 * sent until its store is opened, that is, until the directory of its sink is there.
 */
final class Keeper {
  /** Small, so that a test uses several. */
  static final int SEGMENT_BYTES = 1 << 20;

  static final Duration LIMIT = Duration.ofSeconds(60);

  private final AgentProcess agent;
  private final int port;
  private final Path checkpoint;
  private final List<Path> data;
  private final Path store;

  private Keeper(AgentProcess agent, int port, Path checkpoint, List<Path> data, Path store) {
    this.agent = agent;
    this.port = port;
    this.checkpoint = checkpoint;
    this.data = data;
    this.store = store;
  }

  /** All below one directory. */
  static Keeper of(Scene scene, String name, Path state, String... jvmArguments) {
    return of(
        scene,
        name,
        state.resolve("checkpoint"),
        List.of(state.resolve("data")),
        scene.directory().resolve("store-of-" + name),
        jvmArguments);
  }

  static Keeper of(
      Scene scene,
      String name,
      Path checkpoint,
      List<Path> data,
      Path store,
      String... jvmArguments) {
    int port = Ports.free();
    String configuration = configuration(port, checkpoint, data, store);
    AgentProcess agent = scene.millrace(name, configuration, jvmArguments);
    return new Keeper(agent, port, checkpoint, data, store);
  }

  /** An agent a1 as it is run by this class. */
  static String configuration(int port, Path checkpoint, List<Path> data, Path store) {
    return """
        a1.sources = in
        a1.channels = disk
        a1.sinks = store

        a1.sources.in.type = avro
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %d
        a1.sources.in.channels = disk

        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %s
        a1.channels.disk.dataDirs = %s
        a1.channels.disk.maxFileSize = %d
        a1.channels.disk.minimumRequiredSpace = 1048576
        a1.channels.disk.checkpointInterval = 1000

        %s
        a1.sinks.store.sink.batchSize = 200
        a1.sinks.store.channel = disk
        """
        .formatted(
            port,
            checkpoint,
            data.stream().map(Path::toString).collect(Collectors.joining(",")),
            SEGMENT_BYTES,
            Confs.fileRoll("store", store));
  }

  AgentProcess agent() {
    return agent;
  }

  int port() {
    return port;
  }

  Path checkpoint() {
    return checkpoint;
  }

  /** Its only data directory. */
  Path data() {
    return data.get(0);
  }

  Path store() {
    return store;
  }

  /** Starts it and waits until it takes events. */
  Keeper start() {
    agent.startAndAwaitMetrics();
    awaitTaking();
    return this;
  }

  /** Waits until the source listens and the channel is open. */
  void awaitTaking() {
    Conditions.await(
        agent.name() + " takes events",
        LIMIT,
        () -> {
          if (!agent.isAlive()) {
            throw new AssertionError(agent.name() + " has ended");
          }
          return agent.metricIfShown("CHANNEL.disk", "Open") == 1 && Ports.isOpen(port);
        });
  }

  /** From now on it may deliver. */
  void openStore() {
    try {
      Files.createDirectories(store);
    } catch (IOException e) {
      throw new UncheckedIOException("Store " + store, e);
    }
  }

  long channelMetric(String metric) {
    return agent.metric("CHANNEL.disk", metric);
  }

  void awaitChannelMetric(String metric, long atLeast, Duration limit) {
    Conditions.await(
        metric + " of " + agent.name() + " is at least " + atLeast,
        limit,
        () -> agent.metricIfShown("CHANNEL.disk", metric) >= atLeast);
  }

  /** Waits until the checkpoints of all its lanes cover so many records from the beginning. */
  void awaitCheckpoints(long records) {
    Conditions.await(
        "the checkpoints of " + agent.name() + " cover " + records + " records",
        LIMIT,
        () -> JournalFiles.checkpointedRecords(checkpoint) == records);
  }

  /** Waits until the channel is empty: all that it has is delivered. */
  void awaitEmpty() {
    Conditions.await(
        "the channel of " + agent.name() + " is empty",
        LIMIT,
        () -> agent.metric("CHANNEL.disk", "ChannelSize") == 0);
  }
}
