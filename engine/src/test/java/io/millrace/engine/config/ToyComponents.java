/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.api.BareUnit;
import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.api.SerializerOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.declaration.ListText;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Declarations that look like the built-in ones and build nothing. */
final class ToyComponents {
  private ToyComponents() {}

  static Catalog catalog() {
    List<Class<? extends ComponentOptions>> records =
        List.of(
            Netcat.class,
            Seq.class,
            Memory.class,
            File.class,
            Logger.class,
            Hdfs.class,
            FileRoll.class,
            Static.class,
            Replicating.class,
            Multiplexing.class,
            Text.class,
            AvroEvent.class,
            DefaultPaths.class);
    return Catalog.ofRecords(records);
  }

  private static UnsupportedOperationException builtNever() {
    return new UnsupportedOperationException("a toy is declared, not built");
  }

  enum Policy {
    ROUND_ROBIN,
    FAIL
  }

  /** Options that several toys share. */
  record Tls(
      @Option(doc = "Whether to speak TLS.", def = "false") boolean ssl,
      @Option(doc = "The key store.") Optional<Path> keystore,
      @Option(doc = "Its password.", name = "keystore-password", secret = true)
          Optional<String> keystorePassword) {
    Tls {
      if (ssl && keystore.isEmpty()) {
        throw new ConfigurationException("keystore", "is required when ssl is on.");
      }
    }
  }

  @Component(
      kind = ComponentKind.SOURCE,
      name = "netcat",
      flumeClasses = "org.apache.flume.source.NetcatSource",
      summary = "Receives lines of text over TCP.")
  record Netcat(
      @Option(doc = "Address to listen on.", required = true) String bind,
      @Option(doc = "Port to listen on.", required = true, min = 0, max = 65535) int port,
      @Option(
              doc = "Longest line.",
              name = "max-line-length",
              def = "512",
              min = 1,
              bareUnit = BareUnit.BYTES)
          DataSize maxLineLength,
      @Option(doc = "Whether to answer each line.", name = "ack-every-event", def = "true")
          boolean isAckEveryEvent,
      @Option(doc = "Encoding of the lines.", def = "UTF-8") Charset encoding,
      @OptionGroup Tls tls)
      implements SourceOptions {
    @Override
    public Source build(SourceContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.SOURCE,
      name = "seq",
      flumeClasses = "org.apache.flume.source.SequenceGeneratorSource",
      summary = "Counts.")
  record Seq(
      @Option(doc = "Events in a batch.", def = "1", min = 1) int batchSize,
      @Option(doc = "Events in all.", def = "9223372036854775807", min = 0) long totalEvents,
      @Option(doc = "Load.", def = "0.5", min = 0, max = 1) double load,
      @Option(doc = "What to do.", def = "fail") Policy policy,
      @Option(doc = "Files by group.", name = "filegroups.*") Map<String, String> files,
      @Option(doc = "Groups.", name = "filegroups") List<String> groups,
      @Option(doc = "Headers.", name = "headers.*") Map<String, String> headers,
      @Option(doc = "Threads.", def = "1", noEffect = "threads are few here.") int threads)
      implements SourceOptions {
    @Override
    public Map<String, String> ineffective() {
      return totalEvents == 0 ? Map.of("load", "there are no events in all") : Map.of();
    }

    @Override
    public Source build(SourceContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.CHANNEL,
      name = "memory",
      flumeClasses = "org.apache.flume.channel.MemoryChannel",
      summary = "Holds events in memory.")
  record Memory(
      @Option(doc = "Most events.", def = "100", min = 1, fallsBack = true) int capacity,
      @Option(doc = "Most events at once.", def = "100", min = 1, fallsBack = true)
          int transactionCapacity,
      @Option(
              doc = "How long to wait for room.",
              name = "keep-alive",
              def = "3",
              min = 0,
              bareUnit = BareUnit.SECONDS)
          Duration keepAlive)
      implements ChannelOptions {
    Memory {
      if (transactionCapacity > capacity) {
        throw new ConfigurationException(
            "transactionCapacity", transactionCapacity + " is more than the capacity, " + capacity);
      }
    }

    @Override
    public Channel build(ChannelContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.CHANNEL,
      name = "file",
      flumeClasses = "org.apache.flume.channel.file.FileChannel",
      summary = "Holds events on disk.")
  record File(
      @Option(doc = "Where checkpoints go.", def = "~/.flume/file-channel/checkpoint")
          Path checkpointDir,
      @Option(doc = "Where data goes.", def = "~/.flume/file-channel/data", separator = ",")
          List<Path> dataDirs,
      @Option(doc = "Most events.", def = "1000000", min = 1) long capacity,
      @Option(doc = "Most events at once.", def = "10000", min = 1) int transactionCapacity)
      implements ChannelOptions {
    @Override
    public Channel build(ChannelContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.SINK,
      name = "logger",
      flumeClasses = "org.apache.flume.sink.LoggerSink",
      summary = "Logs events.")
  record Logger(
      @Option(doc = "Bytes of a body.", def = "16", min = 0, fallsBack = true) int maxBytesToLog)
      implements SinkOptions {
    @Override
    public int batchSize() {
      return 1;
    }

    @Override
    public Sink build(SinkContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.SINK,
      name = "hdfs",
      flumeClasses = "org.apache.flume.sink.hdfs.HDFSEventSink",
      summary = "Writes files.")
  record Hdfs(
      @Option(doc = "Where files go.", name = "hdfs.path", required = true) String path,
      @Option(doc = "Beginning of names.", name = "hdfs.filePrefix", def = "FlumeData")
          String filePrefix,
      @Option(doc = "Kind of file.", name = "hdfs.fileType", def = "SequenceFile") String fileType,
      @Option(doc = "Events in a batch.", name = "hdfs.batchSize", def = "100", min = 1)
          int batchSize,
      @Option(
              doc = "Age of a file.",
              name = "hdfs.rollInterval",
              def = "30",
              min = 0,
              bareUnit = BareUnit.SECONDS)
          Duration rollInterval,
      @Option(
              doc = "Longest call.",
              name = "hdfs.callTimeout",
              aliases = "hdfs.timeout",
              def = "30000",
              bareUnit = BareUnit.MILLISECONDS)
          Duration callTimeout,
      @Option(doc = "Passed on.", name = "hdfs.client.*") Map<String, String> client,
      @Option(doc = "How events are written.", aliases = "hdfs.serializer", def = "text")
          SerializerOptions serializer)
      implements SinkOptions {
    @Override
    public Sink build(SinkContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.SINK,
      name = "file_roll",
      flumeClasses = "org.apache.flume.sink.RollingFileSink",
      summary = "Writes local files.")
  record FileRoll(
      @Option(doc = "Where files go.", name = "sink.directory", required = true) Path directory,
      @Option(
              doc = "Age of a file.",
              name = "sink.rollInterval",
              def = "30",
              bareUnit = BareUnit.SECONDS)
          Duration rollInterval,
      @Option(doc = "Events in a batch.", name = "sink.batchSize", def = "100", min = 1)
          int batchSize,
      @Option(doc = "How events are written.", name = "sink.serializer", def = "text")
          SerializerOptions serializer,
      @Option(doc = "How files are named.", name = "sink.pathManager", def = "DEFAULT")
          PathManagerOptions pathManager,
      @Option(doc = "A second way to write.", name = "sink.other")
          Optional<SerializerOptions> otherSerializer)
      implements SinkOptions {
    @Override
    public Sink build(SinkContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.INTERCEPTOR,
      name = "static",
      flumeClasses = "org.apache.flume.interceptor.StaticInterceptor$Builder",
      summary = "Sets a header.")
  record Static(
      @Option(doc = "Name of the header.", def = "key") String key,
      @Option(doc = "Its value.", def = "value") String value,
      @Option(doc = "Whether one that is there stays.", def = "true") boolean preserveExisting)
      implements InterceptorOptions {
    @Override
    public Interceptor build(ComponentContext context) {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.SELECTOR,
      name = "replicating",
      flumeClasses = "org.apache.flume.channel.ReplicatingChannelSelector",
      summary = "Every event to every channel.")
  record Replicating(@Option(doc = "Channels that may fail.") List<String> optional)
      implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      optional.forEach(channel -> checkIsAmong(channels, "optional", channel));
      return batch -> List.of();
    }
  }

  @Component(
      kind = ComponentKind.SELECTOR,
      name = "multiplexing",
      flumeClasses = "org.apache.flume.channel.MultiplexingChannelSelector",
      summary = "Channels by header.")
  record Multiplexing(
      @Option(doc = "The header.", def = "flume.selector.header") String header,
      @Option(doc = "Channels of unmapped values.", name = "default") List<String> defaults,
      @Option(doc = "Channels by value.", name = "mapping.*") Map<String, String> mapping,
      @Option(doc = "Optional channels by value.", name = "optional.*")
          Map<String, String> optional)
      implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      mapping.forEach(
          (value, names) -> {
            for (String name : ListText.split(names, "")) {
              checkIsAmong(channels, "mapping." + value, name);
            }
          });
      return batch -> List.of();
    }
  }

  private static void checkIsAmong(List<String> channels, String option, String channel) {
    if (!channels.contains(channel)) {
      throw new ConfigurationException(option, "'" + channel + "' is not a channel of this source");
    }
  }

  @Component(
      kind = ComponentKind.SERIALIZER,
      name = "text",
      flumeClasses = "org.apache.flume.serialization.BodyTextEventSerializer$Builder",
      summary = "Bodies, one a line.")
  record Text(@Option(doc = "Whether a line feed follows.", def = "true") boolean appendNewline)
      implements SerializerOptions {
    @Override
    public EventSerializer.Factory build() {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.SERIALIZER,
      name = "avro_event",
      flumeClasses = "org.apache.flume.serialization.FlumeEventAvroEventSerializer$Builder",
      summary = "Avro container.")
  record AvroEvent(
      @Option(doc = "Bytes between marks.", def = "2048000", min = 1, bareUnit = BareUnit.BYTES)
          DataSize syncIntervalBytes,
      @Option(doc = "Codec.", def = "null") String compressionCodec)
      implements SerializerOptions {
    @Override
    public EventSerializer.Factory build() {
      throw builtNever();
    }
  }

  @Component(
      kind = ComponentKind.PATH_MANAGER,
      name = "default",
      flumeClasses = "org.apache.flume.formatter.output.DefaultPathManager$Builder",
      summary = "Numbered names.")
  record DefaultPaths(
      @Option(doc = "Beginning of names.", def = "") String prefix,
      @Option(doc = "End of names.", def = "") String extension)
      implements PathManagerOptions {
    @Override
    public FileNames build() {
      throw builtNever();
    }
  }
}
