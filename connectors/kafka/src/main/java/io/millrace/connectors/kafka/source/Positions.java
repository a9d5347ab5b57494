/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.connectors.kafka.client.Commits;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * How far each assigned partition was accepted, and how much of that is committed. A partition that
 * was taken away and came back is another one: what is answered late for the first is not noted for
 * the second. Confined to the source's thread.
 */
final class Positions implements Commits.Book {
  private final Map<TopicPartition, Long> assignments = new HashMap<>();
  private final Map<TopicPartition, Long> accepted = new HashMap<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();
  private long nextAssignment;

  /**
   * How far a batch reaches.
   *
   * @param ends offset behind the last record of each partition
   * @param assignments of these partitions when they were read
   */
  record Reach(Map<TopicPartition, Long> ends, Map<TopicPartition, Long> assignments) {}

  void assigned(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> assignments.put(partition, nextAssignment++));
  }

  void takenAway(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      assignments.remove(partition);
      accepted.remove(partition);
      committed.remove(partition);
    }
  }

  void forgetAll() {
    takenAway(assignments.keySet().stream().toList());
  }

  Collection<TopicPartition> assigned() {
    return assignments.keySet();
  }

  Reach reach(Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> read = new HashMap<>();
    ends.keySet().forEach(partition -> read.put(partition, assignments.get(partition)));
    return new Reach(Map.copyOf(ends), read);
  }

  void accepted(Reach reach) {
    reach
        .ends()
        .forEach(
            (partition, end) -> {
              Long assignment = assignments.get(partition);
              if (assignment != null && assignment.equals(reach.assignments().get(partition))) {
                accepted.merge(partition, end, Math::max);
              }
            });
  }

  /** What was accepted and is not committed. */
  @Override
  public Map<TopicPartition, OffsetAndMetadata> due() {
    Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
    accepted.forEach(
        (partition, end) -> {
          if (!end.equals(committed.get(partition))) {
            due.put(partition, new OffsetAndMetadata(end));
          }
        });
    return due;
  }

  @Override
  public void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach(
        (partition, offset) -> {
          if (assignments.containsKey(partition)) {
            committed.merge(partition, offset.offset(), Math::max);
          }
        });
  }
}
