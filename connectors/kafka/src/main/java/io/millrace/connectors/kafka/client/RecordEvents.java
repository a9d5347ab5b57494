/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.MalformedBatchException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Events as values of Kafka's records: the body alone, or in Flume's format, which is one Avro
 * datum (map of headers, body) without a schema or a container. Stateless.
 */
public final class RecordEvents {
  /** The header that carries the record's key, both ways. */
  public static final String KEY_HEADER = "key";

  /** Marks an event whose record was to be in Flume's format and is not; the value is its body. */
  public static final String UNDECODABLE_HEADER = "millrace.undecodable";

  private static final byte[] NOTHING = {};

  private RecordEvents() {}

  /** The headers can be changed; the body must not be. */
  public record Decoded(Map<String, String> headers, byte[] body, boolean isDecodable) {}

  /** The value of the record for an event. */
  public static byte[] value(EventView event, boolean isFlumeFormat) {
    if (!isFlumeFormat) {
      return event.body();
    }
    ByteBuffer encoded = event.encoded();
    byte[] value = new byte[encoded.remaining()];
    encoded.get(value);
    return value;
  }

  /** The key of the record for an event, or null. */
  public static byte[] key(EventView event) {
    String key = event.header(KEY_HEADER);
    return key == null ? null : key.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The event of a record, with the record's key as a header. A record without a value is an event
   * without a body.
   */
  public static Decoded decode(byte[] key, byte[] value, boolean isFlumeFormat) {
    byte[] body = value == null ? NOTHING : value;
    Decoded decoded =
        isFlumeFormat && value != null
            ? decodeFlume(body)
            : new Decoded(new LinkedHashMap<>(), body, true);
    if (key != null) {
      decoded.headers().put(KEY_HEADER, text(key));
    }
    return decoded;
  }

  private static Decoded decodeFlume(byte[] value) {
    try {
      EventView event = EventBatch.parseEvent(value, 0, value.length).iterator().next();
      return new Decoded(event.headers(), event.body(), true);
    } catch (MalformedBatchException e) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put(UNDECODABLE_HEADER, e.getMessage());
      return new Decoded(headers, value, false);
    }
  }

  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  public static void add(Decoded event, EventBatch.Builder batch) {
    batch.add(EncodedHeaders.of(event.headers()), event.body());
  }
}
