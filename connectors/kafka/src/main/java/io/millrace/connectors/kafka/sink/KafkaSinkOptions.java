/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.connectors.kafka.client.Brokers;
import io.millrace.connectors.kafka.client.ClientSettings;
import io.millrace.kit.path.HostNames;
import io.millrace.kit.path.NameHygiene;
import io.millrace.kit.path.PathTemplate;
import io.millrace.kit.tls.TlsFallbacks;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Options of the Kafka sink. */
@Component(
    kind = ComponentKind.SINK,
    name = "kafka",
    flumeClasses = "org.apache.flume.sink.kafka.KafkaSink",
    summary = "Writes events to topics of Kafka, exactly once if asked for.")
public record KafkaSinkOptions(
    @Option(
            name = Brokers.OPTION,
            aliases = "brokerList",
            doc = "HOST:PORT of brokers, separated by commas. Required.",
            separator = ",")
        List<String> bootstrapServers,
    @Option(
            name = "kafka.topic",
            aliases = "topic",
            doc = "Topic; may have escapes such as %{header} and %Y.",
            def = "default-flume-topic")
        String topic,
    @Option(
            name = "kafka.flumeBatchSize",
            aliases = {"flumeBatchSize", "batchSize"},
            doc = "Most events taken from the channel at once.",
            def = "100",
            min = 1)
        int batchSize,
    @Option(
            name = "max-in-flight",
            doc =
                "Most such batches on their way at a time. 16 when not set, and with exactly-once"
                    + " more if they are small: what makes 20,000 events, for each transaction has"
                    + " its price.",
            min = 1,
            max = KafkaSinkOptions.MAX_BATCHES_IN_FLIGHT)
        Optional<Integer> maxInFlight,
    @Option(
            name = "kafka.producer.acks",
            aliases = "requiredAcks",
            doc =
                "Who has to have a record before it is delivered: all (also -1) for every replica"
                    + " in sync, 1 for the leader, 0 for nobody. With 1 and 0 a broker that fails"
                    + " can cost events.",
            def = "all")
        String acks,
    @Option(
            doc = "Whether values are events in Flume's Avro format, with their headers.",
            def = "false")
        boolean useFlumeEventFormat,
    @Option(doc = "Partition of events that the header does not give one.", min = 0)
        Optional<Integer> defaultPartitionId,
    @Option(doc = "Header with the number of the partition; wins over defaultPartitionId.")
        Optional<String> partitionIdHeader,
    @Option(doc = "Whether the topic header wins over kafka.topic.", def = "true")
        boolean allowTopicOverride,
    @Option(doc = "Header with the topic.", def = "topic") String topicHeader,
    @Option(doc = "Header with the record's timestamp in milliseconds.")
        Optional<String> timestampHeader,
    @Option(
            name = "header.*",
            doc = "header.NAME: header of Kafka's record that gets the value of the header NAME.")
        Map<String, String> headers,
    @Option(
            name = "unauthorized",
            doc =
                "What becomes of events for a topic that the broker does not let the sink write to:"
                    + " RETRY keeps them in the channel, REJECT takes them for undeliverable.",
            def = "RETRY")
        OnUnauthorized unauthorized,
    @Option(
            name = "exactly-once",
            doc =
                "Whether each event of a file channel is in Kafka once, also when the agent is"
                    + " killed, for readers with isolation.level = read_committed.",
            def = "false")
        boolean isExactlyOnce,
    @Option(
            name = "exactly-once-topic",
            doc =
                "With exactly-once: a topic that exists, whose partition 0 stands in the consumer"
                    + " group where progress is kept. kafka.topic when not set.")
        Optional<String> exactlyOnceTopic,
    @Option(
            name = "kafka.producer.*",
            doc =
                "Settings of Kafka's producer. bootstrap.servers and the serializers are not among"
                    + " them.")
        Map<String, String> producer,
    @Option(
            name = "serializer.class",
            doc = "Serializer of values before Flume 1.7.",
            noEffect = "values are bytes; useFlumeEventFormat says which")
        Optional<String> serializerClass,
    @Option(
            name = "key.serializer.class",
            doc = "Serializer of keys before Flume 1.7.",
            noEffect = "keys are the UTF-8 text of the header 'key'")
        Optional<String> keySerializerClass)
    implements SinkOptions {

  /** Answers to a broker that refuses a topic. */
  public enum OnUnauthorized {
    RETRY,
    REJECT
  }

  private static final int BATCHES_IN_FLIGHT = 16;

  /** Half of them in one transaction, half for the next one. */
  private static final int EVENTS_IN_FLIGHT_ONCE = 20_000;

  static final int MAX_BATCHES_IN_FLIGHT = 1024;

  private static final Set<String> ACKS = Set.of("all", "-1", "0", "1");

  /** So that a topic that is not there does not hold up the others for a minute. */
  private static final String MAX_BLOCK_MILLIS = "10000";

  /** Room for a whole batch of the channel; Kafka's own 16 KiB make many small requests. */
  private static final String PRODUCER_BATCH_BYTES = "131072";

  public KafkaSinkOptions {
    bootstrapServers = List.copyOf(bootstrapServers);
    headers = Map.copyOf(headers);
    producer = Map.copyOf(producer);
    topic = topic.trim();
    acks = acks.trim().toLowerCase(Locale.ROOT);
    Brokers.checked(bootstrapServers, Optional.empty());
    if (!ACKS.contains(acks)) {
      throw new ConfigurationException(
          "kafka.producer.acks", "'" + acks + "' is unknown (expected: all, -1, 1 or 0)");
    }
    PathTemplate template = template(topic);
    if (isExactlyOnce) {
      if (!acks.equals("all") && !acks.equals("-1")) {
        throw new ConfigurationException(
            "kafka.producer.acks",
            "'" + acks + "' and exactly-once exclude each other (expected: all)");
      }
      if (exactlyOnceTopic.isEmpty() && !template.isConstant()) {
        throw new ConfigurationException(
            "exactly-once-topic",
            "is not set, and kafka.topic has escapes (expected: the name of a topic that exists)");
      }
    }
    settings(bootstrapServers, acks, producer, "check").checkedForProducer("kafka.producer.");
  }

  @Override
  public Sink build(SinkContext context) {
    return isExactlyOnce ? new ExactlyOnceSink(this, context) : new KafkaSink(this, context);
  }

  int batchesInFlight() {
    int perhaps =
        isExactlyOnce
            ? Math.min(
                MAX_BATCHES_IN_FLIGHT,
                Math.max(BATCHES_IN_FLIGHT, EVENTS_IN_FLIGHT_ONCE / batchSize))
            : BATCHES_IN_FLIGHT;
    return maxInFlight.orElse(perhaps);
  }

  int producerBatchBytes() {
    return settings("")
        .value(ProducerConfig.BATCH_SIZE_CONFIG)
        .map(size -> Integer.parseInt(size.trim()))
        .orElseThrow();
  }

  PathTemplate topicTemplate() {
    return template(topic);
  }

  private static PathTemplate template(String topic) {
    try {
      return PathTemplate.compile(
          topic, PathTemplate.TimeRules.DEFAULT, NameHygiene.NONE, HostNames.ofThisHost());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("kafka.topic", e.getMessage());
    }
  }

  ClientSettings settings(String clientId) {
    return settings(bootstrapServers, acks, producer, clientId);
  }

  private static ClientSettings settings(
      List<String> servers, String acks, Map<String, String> producer, String clientId) {
    return ClientSettings.of(producer)
        .secured(TlsFallbacks.ofProcess())
        .orElse(ProducerConfig.CLIENT_ID_CONFIG, clientId)
        .orElse(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MILLIS)
        .orElse(ProducerConfig.BATCH_SIZE_CONFIG, PRODUCER_BATCH_BYTES)
        .always(ProducerConfig.ACKS_CONFIG, acks)
        .always(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, String.join(",", servers));
  }
}
