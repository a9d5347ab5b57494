/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.nio.file.Path;

/** Configurations that several tests use, with Flume's option names, for an agent {@code a1}. */
final class Confs {
  /** Most events of a batch on their way from an edge to the store. */
  static final int BATCH = 200;

  /** Most batches that an edge sends before the first is answered. */
  static final int CALLS_IN_FLIGHT = 2;

  private Confs() {}

  /**
   * taildir -> file -> avro. Follows every file of {@code logs}, rotated ones included.
   *
   * @param state where the positions and the channel are kept
   */
  static String edge(Path logs, Path state, int collectorPort) {
    return """
        a1.sources = tail
        a1.channels = disk
        a1.sinks = uplink

        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s/.*\\\\.log.*
        a1.sources.tail.positionFile = %s/positions.json
        a1.sources.tail.writePosInterval = 500
        a1.sources.tail.batchSize = %d
        a1.sources.tail.backoffSleepIncrement = 100
        a1.sources.tail.maxBackoffSleep = 200
        a1.sources.tail.channels = disk

        %s
        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.batch-size = %d
        a1.sinks.uplink.max-in-flight = %d
        a1.sinks.uplink.channel = disk
        """
        .formatted(
            logs, state, BATCH, fileChannel("disk", state), collectorPort, BATCH, CALLS_IN_FLIGHT);
  }

  /** avro -> file -> file_roll. */
  static String collector(int port, Path state, Path store) {
    return """
        a1.sources = edges
        a1.channels = disk
        a1.sinks = store

        a1.sources.edges.type = avro
        a1.sources.edges.bind = 127.0.0.1
        a1.sources.edges.port = %d
        a1.sources.edges.channels = disk

        %s
        %s
        a1.sinks.store.sink.batchSize = %d
        a1.sinks.store.channel = disk
        """
        .formatted(port, fileChannel("disk", state), fileRoll("store", store), BATCH);
  }

  /** avro -> file -> avro. */
  static String relay(int port, Path state, int nextPort) {
    return """
        a1.sources = in
        a1.channels = disk
        a1.sinks = out

        a1.sources.in.type = avro
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %d
        a1.sources.in.channels = disk

        %s
        a1.channels.disk.maxFileSize = 8388608
        a1.channels.disk.checkpointInterval = 1000
        a1.sinks.out.type = avro
        a1.sinks.out.hostname = 127.0.0.1
        a1.sinks.out.port = %d
        a1.sinks.out.batch-size = %d
        a1.sinks.out.max-in-flight = %d
        a1.sinks.out.connect-timeout = 2000
        a1.sinks.out.request-timeout = 5000
        a1.sinks.out.channel = disk
        """
        .formatted(port, fileChannel("disk", state), nextPort, BATCH, CALLS_IN_FLIGHT);
  }

  static String fileChannel(String name, Path state) {
    return """
        a1.channels.%1$s.type = file
        a1.channels.%1$s.checkpointDir = %2$s/checkpoint
        a1.channels.%1$s.dataDirs = %2$s/data
        """
        .formatted(name, state);
  }

  static String fileRoll(String name, Path directory) {
    return """
        a1.sinks.%1$s.type = file_roll
        a1.sinks.%1$s.sink.directory = %2$s
        a1.sinks.%1$s.sink.rollInterval = 10
        """
        .formatted(name, directory);
  }
}
