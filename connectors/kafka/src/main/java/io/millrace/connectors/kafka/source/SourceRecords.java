/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.api.EventBatch;
import io.millrace.connectors.kafka.client.RecordEvents;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Makes events of records, with the headers that the source adds. Immutable. */
final class SourceRecords {
  private static final String PARTITION_HEADER = "partition";
  private static final String OFFSET_HEADER = "offset";

  private final boolean isFlumeFormat;
  private final String topicHeader;
  private final String timestampHeader;
  private final Map<String, String> headers;

  SourceRecords(KafkaSourceOptions options) {
    this.isFlumeFormat = options.useFlumeEventFormat();
    this.topicHeader = options.setTopicHeader() ? options.topicHeader() : null;
    this.timestampHeader = options.timestampHeader();
    this.headers = options.headers();
  }

  /** Adds the event of a record; whether its value could be decoded. */
  boolean add(ConsumerRecord<byte[], byte[]> record, EventBatch.Builder batch) {
    RecordEvents.Decoded event = RecordEvents.decode(record.key(), record.value(), isFlumeFormat);
    Map<String, String> all = event.headers();
    all.putIfAbsent(timestampHeader, Long.toString(record.timestamp()));
    if (topicHeader != null) {
      all.putIfAbsent(topicHeader, record.topic());
    }
    all.putIfAbsent(PARTITION_HEADER, Integer.toString(record.partition()));
    all.putIfAbsent(OFFSET_HEADER, Long.toString(record.offset()));
    headers.forEach(
        (name, kafkaName) -> {
          Header header = record.headers().lastHeader(kafkaName);
          if (header != null && header.value() != null) {
            all.put(name, RecordEvents.text(header.value()));
          }
        });
    RecordEvents.add(event, batch);
    return event.isDecodable();
  }
}
