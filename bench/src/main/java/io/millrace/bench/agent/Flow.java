/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import java.nio.file.Path;

/**
 * What an agent is told to do: one source, one channel, and a sink or none. Both products get the
 * same text.
 *
 * @param directory holds the channel's directories, the configuration and the log
 * @param capacity of the channel, in events; high enough not to limit
 */
public record Flow(
    Path directory, Source source, int sourcePort, long capacity, Channel channel, Sink sink) {
  /**
   * Both keep what a channel of this capacity needs in memory or mapped; Flume 8 bytes an event.
   */
  private static final long MAX_CAPACITY = 500_000_000;

  public Flow {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "capacity: " + capacity + " (expected: 1 to " + MAX_CAPACITY + ")");
    }
  }

  /** With an avro source. */
  public Flow(Path directory, int sourcePort, long capacity, Channel channel, Sink sink) {
    this(directory, new AvroSource(), sourcePort, capacity, channel, sink);
  }

  /** The same with another source. */
  public Flow over(Source newSource) {
    return new Flow(directory, newSource, sourcePort, capacity, channel, sink);
  }

  /** With an avro source and a file channel. */
  public Flow(Path directory, int sourcePort, long capacity, Sink sink) {
    this(directory, sourcePort, capacity, Channel.FILE, sink);
  }

  /** Where events come from. */
  public sealed interface Source {}

  /** Listens on the flow's port. */
  public record AvroSource() implements Source {}

  /** Listens on the flow's port, for HTTP with JSON. */
  public record HttpSource() implements Source {}

  /** Follows the files of a directory. */
  public record FollowedFiles(Path files, int batchSize) implements Source {}

  /** Reads the files of a directory. */
  public record SpooledFiles(Path files, int batchSize) implements Source {}

  /** Where events wait. */
  public enum Channel {
    FILE,
    MEMORY
  }

  /** Who takes from the channel. */
  public sealed interface Sink {}

  /** Takes as fast as it can. */
  public record NullSink() implements Sink {}

  /** Nobody: the channel only fills. */
  public record NoSink() implements Sink {}

  /** Sends to a port of loopback. */
  public record AvroSink(int port) implements Sink {}

  /** Writes to files in a folder of the flow's directory. */
  public record FileRollSink() implements Sink {}

  /**
   * Writes to files of an HDFS, a new one every 128 MB.
   *
   * @param directory as a URI
   * @param sync of Millrace; Flume has hflush and ignores the setting
   */
  public record HdfsSink(String directory, HdfsFile file, String sync) implements Sink {}

  /** What is in the files. */
  public enum HdfsFile {
    TEXT("hdfs.fileType = DataStream"),
    GZIP_SEQUENCE("hdfs.fileType = SequenceFile\na1.sinks.k1.hdfs.codeC = gzip");

    private final String settings;

    HdfsFile(String settings) {
      this.settings = settings;
    }
  }

  /** Writes to a topic of a broker; each event once is asked of Millrace only. */
  public record KafkaSink(String address, String topic, int batchSize, boolean isExactlyOnce)
      implements Sink {}

  String text() {
    String common =
        """
        a1.sources = r1
        a1.channels = c1
        a1.sources.r1.channels = c1
        a1.channels.c1.capacity = %d
        a1.channels.c1.transactionCapacity = 10000
        """
            .formatted(capacity);
    return common + sourceText() + channelText() + sinkText();
  }

  private String sourceText() {
    if (source instanceof FollowedFiles followed) {
      return """
          a1.sources.r1.type = TAILDIR
          a1.sources.r1.filegroups = g1
          a1.sources.r1.filegroups.g1 = %s/.*
          a1.sources.r1.positionFile = %s/positions.json
          a1.sources.r1.batchSize = %d
          """
          .formatted(followed.files(), directory, followed.batchSize());
    }
    if (source instanceof SpooledFiles spooled) {
      return """
          a1.sources.r1.type = spooldir
          a1.sources.r1.spoolDir = %s
          a1.sources.r1.trackerDir = %s/tracker
          a1.sources.r1.batchSize = %d
          """
          .formatted(spooled.files(), directory, spooled.batchSize());
    }
    return """
        a1.sources.r1.type = %s
        a1.sources.r1.bind = 127.0.0.1
        a1.sources.r1.port = %d
        """
        .formatted(source instanceof HttpSource ? "http" : "avro", sourcePort);
  }

  private String channelText() {
    return switch (channel) {
      case MEMORY -> "a1.channels.c1.type = memory\n";
      case FILE ->
          """
          a1.channels.c1.type = file
          a1.channels.c1.checkpointDir = %s/checkpoint
          a1.channels.c1.dataDirs = %s/data
          """
              .formatted(directory, directory);
    };
  }

  /** Where {@link FileRollSink} writes; Flume wants it to be there. */
  Path rollDirectory() {
    return directory.resolve("rolled");
  }

  private String sinkText() {
    if (sink instanceof NullSink) {
      return """
          a1.sinks = k1
          a1.sinks.k1.type = null
          a1.sinks.k1.channel = c1
          a1.sinks.k1.batchSize = 1000
          a1.sinks.k1.logEveryNEvents = 1000000000
          """;
    }
    if (sink instanceof AvroSink avro) {
      return """
          a1.sinks = k1
          a1.sinks.k1.type = avro
          a1.sinks.k1.channel = c1
          a1.sinks.k1.hostname = 127.0.0.1
          a1.sinks.k1.port = %d
          a1.sinks.k1.batch-size = 1000
          """
          .formatted(avro.port());
    }
    if (sink instanceof HdfsSink hdfs) {
      return """
          a1.sinks = k1
          a1.sinks.k1.type = hdfs
          a1.sinks.k1.channel = c1
          a1.sinks.k1.hdfs.path = %s
          a1.sinks.k1.%s
          a1.sinks.k1.hdfs.batchSize = 1000
          a1.sinks.k1.hdfs.rollInterval = 0
          a1.sinks.k1.hdfs.rollSize = 134217728
          a1.sinks.k1.hdfs.rollCount = 0
          a1.sinks.k1.millrace.sync = %s
          """
          .formatted(hdfs.directory(), hdfs.file().settings, hdfs.sync());
    }
    if (sink instanceof KafkaSink kafka) {
      return """
          a1.sinks = k1
          a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
          a1.sinks.k1.channel = c1
          a1.sinks.k1.kafka.bootstrap.servers = %s
          a1.sinks.k1.kafka.topic = %s
          a1.sinks.k1.kafka.producer.acks = all
          a1.sinks.k1.flumeBatchSize = %d
          """
              .formatted(kafka.address(), kafka.topic(), kafka.batchSize())
          + (kafka.isExactlyOnce() ? "a1.sinks.k1.exactly-once = true\n" : "");
    }
    if (sink instanceof FileRollSink) {
      return """
          a1.sinks = k1
          a1.sinks.k1.type = file_roll
          a1.sinks.k1.channel = c1
          a1.sinks.k1.sink.directory = %s
          a1.sinks.k1.sink.batchSize = 1000
          """
          .formatted(rollDirectory());
    }
    return "";
  }
}
