/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.EventView;
import io.millrace.api.RejectedException;
import io.millrace.connectors.kafka.client.RecordEvents;
import io.millrace.kit.log.LogText;
import io.millrace.kit.path.PathExpander;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

/** Makes records of events: topic, partition, key, timestamp, headers. Confined to one thread. */
final class RecordMaker {
  private final PathExpander topics;
  private final Optional<String> topicHeader;
  private final Optional<String> partitionHeader;
  private final Optional<Integer> defaultPartition;
  private final Optional<String> timestampHeader;
  private final Map<String, String> headers;
  private final boolean isFlumeFormat;
  private final SinkMeters meters;

  /** The last topic that was checked; most events have the same one. */
  private String checkedTopic = "";

  RecordMaker(KafkaSinkOptions options, SinkMeters meters) {
    this.topics = options.topicTemplate().expander();
    this.topicHeader =
        options.allowTopicOverride() ? Optional.of(options.topicHeader()) : Optional.empty();
    this.partitionHeader = options.partitionIdHeader();
    this.defaultPartition = options.defaultPartitionId();
    this.timestampHeader = options.timestampHeader();
    this.headers = options.headers();
    this.isFlumeFormat = options.useFlumeEventFormat();
    this.meters = meters;
  }

  /**
   * @throws RejectedException when the event's headers lead to no topic or partition
   */
  ProducerRecord<byte[], byte[]> record(EventView event) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic(event),
            partition(event),
            timestamp(event),
            RecordEvents.key(event),
            RecordEvents.value(event, isFlumeFormat));
    headers.forEach(
        (name, kafkaName) -> {
          String value = event.header(name);
          if (value != null) {
            record.headers().add(kafkaName, value.getBytes(StandardCharsets.UTF_8));
          }
        });
    return record;
  }

  private String topic(EventView event) {
    String named = topicHeader.map(event::header).orElse(null);
    String topic = named != null ? named : topics.expand(event);
    if (!topic.equals(checkedTopic)) {
      try {
        Topic.validate(topic);
      } catch (InvalidTopicException e) {
        throw new RejectedException(
            "topic '"
                + LogText.of(topic)
                + "' is none that Kafka can have: "
                + LogText.of(e.getMessage()));
      }
      checkedTopic = topic;
    }
    return topic;
  }

  private Integer partition(EventView event) {
    String named = partitionHeader.map(event::header).orElse(null);
    if (named == null) {
      return defaultPartition.orElse(null);
    }
    try {
      int partition = Integer.parseInt(named.trim());
      if (partition >= 0) {
        return partition;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is none of a partition.
    }
    throw new RejectedException(
        "header "
            + partitionHeader.get()
            + " is '"
            + LogText.of(named)
            + "' (expected: the number of a partition)");
  }

  private Long timestamp(EventView event) {
    String given = timestampHeader.map(event::header).orElse(null);
    if (given == null) {
      return null;
    }
    try {
      long millis = Long.parseLong(given.trim());
      if (millis >= 0) {
        return millis;
      }
    } catch (NumberFormatException e) {
      // Counted below, as for a time before 1970.
    }
    meters.badTimestamp();
    return null;
  }
}
