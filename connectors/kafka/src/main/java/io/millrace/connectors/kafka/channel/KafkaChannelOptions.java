/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.BareUnit;
import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.connectors.kafka.client.Brokers;
import io.millrace.connectors.kafka.client.ClientSettings;
import io.millrace.kit.tls.TlsFallbacks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Options of the Kafka channel. */
@Component(
    kind = ComponentKind.CHANNEL,
    name = "kafka",
    flumeClasses = "org.apache.flume.channel.kafka.KafkaChannel",
    summary =
        "Keeps events in a topic of Kafka, which other agents may fill and empty; also without a"
            + " source or without a sink.")
public record KafkaChannelOptions(
    @Option(
            name = Brokers.OPTION,
            aliases = "brokerList",
            doc = "HOST:PORT of brokers, separated by commas. Required.",
            separator = ",")
        List<String> bootstrapServers,
    @Option(
            name = "kafka.topic",
            aliases = "topic",
            doc = "Topic that holds the events.",
            def = "flume-channel")
        String topic,
    @Option(
            name = "kafka.consumer.group.id",
            aliases = "groupId",
            doc = "Consumer group; channels of one topic and group share the events.",
            def = "flume")
        String groupId,
    @Option(
            doc =
                "Whether records are events in Flume's Avro format, with their headers. With false"
                    + " only bodies and the header 'key' pass.",
            def = "true")
        boolean parseAsFlumeEvent,
    @Option(
            name = "kafka.pollTimeout",
            aliases = "pollTimeout",
            doc = "How long a take waits.",
            noEffect = "records are fetched in advance, and a sink waits for the next one at once")
        Optional<String> pollTimeout,
    @Option(doc = "Partition of events that the header does not give one.", min = 0)
        Optional<Integer> defaultPartitionId,
    @Option(doc = "Header with the number of the partition; wins over defaultPartitionId.")
        Optional<String> partitionIdHeader,
    @Option(
            doc =
                "Before Flume 1.7: true for auto.offset.reset = earliest, which is the default,"
                    + " false for latest.")
        Optional<Boolean> readSmallestOffset,
    @Option(
            name = "rebalance-wait",
            doc =
                "Longest time that partitions which another member takes over wait for what sinks"
                    + " have under way of them.",
            def = "10000",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration rebalanceWait,
    @Option(
            name = "kafka.producer.*",
            doc =
                "Settings of Kafka's producer; acks is all unless set. bootstrap.servers and the"
                    + " serializers are not among them.")
        Map<String, String> producer,
    @Option(
            name = "kafka.consumer.*",
            doc =
                "Settings of Kafka's consumer; auto.offset.reset is earliest unless set."
                    + " bootstrap.servers, group.id, enable.auto.commit and the deserializers are"
                    + " not among them.")
        Map<String, String> consumer,
    @Option(doc = "Address of ZooKeeper.", noEffect = Brokers.NO_ZOOKEEPER)
        Optional<String> zookeeperConnect,
    @Option(doc = "Whether offsets in ZooKeeper are brought over.", noEffect = Brokers.NO_ZOOKEEPER)
        Optional<String> migrateZookeeperOffsets)
    implements ChannelOptions {

  /** Of one append or delivery; Kafka itself sets no bound. */
  static final int TRANSACTION_CAPACITY = 100_000;

  private static final String PRODUCER_BATCH_BYTES = "131072";

  /** For metadata or room; whoever appends tries again. */
  private static final String MAX_BLOCK_MILLIS = "10000";

  public KafkaChannelOptions {
    bootstrapServers = List.copyOf(bootstrapServers);
    producer = Map.copyOf(producer);
    consumer = Map.copyOf(consumer);
    topic = topic.trim();
    Brokers.checked(bootstrapServers, zookeeperConnect);
    if (topic.isEmpty()) {
      throw new ConfigurationException("kafka.topic", "is empty (expected: a topic)");
    }
    producerSettings(bootstrapServers, producer, "check").checkedForProducer("kafka.producer.");
    consumerSettings(bootstrapServers, groupId, consumer, readSmallestOffset, "check")
        .checkedForConsumer("kafka.consumer.");
  }

  @Override
  public Channel build(ChannelContext context) {
    return new KafkaChannel(this, context);
  }

  @Override
  public int transactionCapacity() {
    return TRANSACTION_CAPACITY;
  }

  ClientSettings producerSettings(String clientId) {
    return producerSettings(bootstrapServers, producer, clientId);
  }

  ClientSettings consumerSettings(String clientId) {
    return consumerSettings(bootstrapServers, groupId, consumer, readSmallestOffset, clientId);
  }

  private static ClientSettings producerSettings(
      List<String> servers, Map<String, String> producer, String clientId) {
    return ClientSettings.of(producer)
        .secured(TlsFallbacks.ofProcess())
        .orElse(ProducerConfig.CLIENT_ID_CONFIG, clientId)
        .orElse(ProducerConfig.ACKS_CONFIG, "all")
        .orElse(ProducerConfig.BATCH_SIZE_CONFIG, PRODUCER_BATCH_BYTES)
        .orElse(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MILLIS)
        .always(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, String.join(",", servers));
  }

  private static ClientSettings consumerSettings(
      List<String> servers,
      String groupId,
      Map<String, String> consumer,
      Optional<Boolean> smallest,
      String clientId) {
    return ClientSettings.of(consumer)
        .secured(TlsFallbacks.ofProcess())
        .orElse(ConsumerConfig.CLIENT_ID_CONFIG, clientId)
        .orElse(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, smallest.orElse(true) ? "earliest" : "latest")
        .always(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, String.join(",", servers))
        .always(ConsumerConfig.GROUP_ID_CONFIG, groupId)
        .always(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
  }
}
