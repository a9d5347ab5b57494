/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.kafka;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Prints the values of every committed record that a topic has now, a line each.
 *
 * <pre>
 *   HOST:PORT TOPIC
 * </pre>
 */
public final class KafkaReadBack {
  private static final Duration POLL = Duration.ofMillis(500);

  private KafkaReadBack() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException(
          "arguments: " + arguments.length + " (expected: address, topic)");
    }
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", arguments[0],
            "isolation.level", "read_committed",
            "allow.auto.create.topics", "false",
            "enable.auto.commit", "false");
    // Not System.out: what libraries print there would be taken for events.
    try (OutputStream out =
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      System.setOut(System.err);
      List<PartitionInfo> known = consumer.listTopics().getOrDefault(arguments[1], List.of());
      List<TopicPartition> partitions =
          known.stream().map(each -> new TopicPartition(each.topic(), each.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
          if (each.offset() < ends.get(new TopicPartition(each.topic(), each.partition()))) {
            out.write(each.value());
            out.write('\n');
          }
        }
      }
    }
  }
}
