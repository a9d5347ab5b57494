/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.connectors.kafka.client.Brokers;
import io.millrace.connectors.kafka.client.ClientSettings;
import io.millrace.kit.tls.TlsFallbacks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** Options of the Kafka source. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "kafka",
    flumeClasses = "org.apache.flume.source.kafka.KafkaSource",
    summary =
        "Reads topics of Kafka as a member of a consumer group; offsets are committed once the"
            + " channels have the events.")
public record KafkaSourceOptions(
    @Option(
            name = Brokers.OPTION,
            doc = "HOST:PORT of brokers, separated by commas. Required.",
            separator = ",")
        List<String> bootstrapServers,
    @Option(
            name = "kafka.topics",
            aliases = "topic",
            doc = "Topics, separated by commas.",
            separator = ",")
        List<String> topics,
    @Option(
            name = "kafka.topics.regex",
            doc = "Regular expression for whole names of topics; wins over kafka.topics.")
        Optional<String> topicsRegex,
    @Option(
            name = "kafka.consumer.group.id",
            aliases = "groupId",
            doc = "Consumer group.",
            def = "flume")
        String groupId,
    @Option(doc = "Most events in a batch.", def = "1000", min = 1) int batchSize,
    @Option(
            doc = "A batch goes out once its first event is this old, full or not.",
            def = "1000",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration batchDurationMillis,
    @Option(
            doc = "Whether values are events in Flume's Avro format, with their headers.",
            def = "false")
        boolean useFlumeEventFormat,
    @Option(doc = "Whether the topic's name becomes a header.", def = "true")
        boolean setTopicHeader,
    @Option(doc = "Header for the topic's name.", def = "topic") String topicHeader,
    @Option(doc = "Header for the record's timestamp, unless the event has one.", def = "timestamp")
        String timestampHeader,
    @Option(
            name = "header.*",
            doc = "header.NAME: header of Kafka's record whose value becomes the header NAME.")
        Map<String, String> headers,
    @Option(
            name = "kafka.consumer.*",
            doc =
                "Settings of Kafka's consumer. bootstrap.servers, group.id, enable.auto.commit and"
                    + " the deserializers are not among them.")
        Map<String, String> consumer,
    @Option(
            doc =
                "First pause before what a channel refused, or a broker that fails, is tried again;"
                    + " doubles from try to try.",
            def = "1000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration backoffSleepIncrement,
    @Option(doc = "Longest such pause.", def = "5000", min = 1, bareUnit = BareUnit.MILLISECONDS)
        Duration maxBackoffSleep,
    @Option(
            name = "rebalance-wait",
            doc =
                "Longest time that partitions which another member takes over wait for the channels"
                    + " to accept what was read of them.",
            def = "10000",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration rebalanceWait,
    @Option(doc = "Address of ZooKeeper.", noEffect = Brokers.NO_ZOOKEEPER)
        Optional<String> zookeeperConnect,
    @Option(doc = "Whether offsets in ZooKeeper are brought over.", noEffect = Brokers.NO_ZOOKEEPER)
        Optional<String> migrateZookeeperOffsets)
    implements SourceOptions {

  public KafkaSourceOptions {
    bootstrapServers = List.copyOf(bootstrapServers);
    topics = topics.stream().map(String::trim).filter(topic -> !topic.isEmpty()).toList();
    headers = Map.copyOf(headers);
    consumer = Map.copyOf(consumer);
    Brokers.checked(bootstrapServers, zookeeperConnect);
    if (topics.isEmpty() && topicsRegex.isEmpty()) {
      throw new ConfigurationException(
          "kafka.topics", "names no topic (expected: kafka.topics or kafka.topics.regex)");
    }
    topicsRegex.ifPresent(KafkaSourceOptions::pattern);
    settings(bootstrapServers, groupId, consumer, "check").checkedForConsumer("kafka.consumer.");
  }

  @Override
  public Source build(SourceContext context) {
    return new KafkaSource(this, context);
  }

  @Override
  public Map<String, String> ineffective() {
    return topicsRegex.isPresent() && !topics.isEmpty()
        ? Map.of("kafka.topics", "kafka.topics.regex wins over it")
        : Map.of();
  }

  Optional<Pattern> topicPattern() {
    return topicsRegex.map(KafkaSourceOptions::pattern);
  }

  ClientSettings settings(String clientId) {
    return settings(bootstrapServers, groupId, consumer, clientId);
  }

  private static ClientSettings settings(
      List<String> servers, String groupId, Map<String, String> consumer, String clientId) {
    return ClientSettings.of(consumer)
        .secured(TlsFallbacks.ofProcess())
        .orElse(ConsumerConfig.CLIENT_ID_CONFIG, clientId)
        .always(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, String.join(",", servers))
        .always(ConsumerConfig.GROUP_ID_CONFIG, groupId)
        .always(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new ConfigurationException(
          "kafka.topics.regex", "is no regular expression: " + e.getDescription());
    }
  }
}
