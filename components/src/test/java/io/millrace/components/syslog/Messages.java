/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads messages as a source does. Confined to one thread. */
final class Messages {
  static final Instant NOW = Instant.parse("2026-11-23T05:00:00Z");

  private SyslogDialect dialect = SyslogDialect.SINGLE;
  private KeptFields kept = KeptFields.NONE;
  private ZoneId zone = ZoneOffset.UTC;
  private Instant now = NOW;
  private SyslogFormatOptions format = SyslogFormatOptions.NONE;
  private Charset charset = UTF_8;

  /** An event in a form that is easily compared. */
  record Event(Map<String, String> headers, String body) {
    String header(String name) {
      return headers.get(name);
    }
  }

  static Messages single() {
    return new Messages();
  }

  static Messages multiport() {
    Messages messages = new Messages();
    messages.dialect = SyslogDialect.MULTIPORT;
    return messages;
  }

  Messages keeping(String... fields) {
    kept = KeptFields.parse(List.of(fields));
    return this;
  }

  Messages at(String instant, String zoneName) {
    now = Instant.parse(instant);
    zone = ZoneId.of(zoneName);
    return this;
  }

  Messages in(Charset encoding) {
    charset = encoding;
    return this;
  }

  Messages format(SyslogFormatOptions options) {
    format = options;
    return this;
  }

  SyslogEvents events() {
    return new SyslogEvents(
        dialect, kept, new SyslogTimestamps(zone, now::toEpochMilli), format.custom(zone));
  }

  Event read(String message) {
    return read(message.getBytes(charset));
  }

  Event read(byte[] message) {
    return read(message, false);
  }

  Event read(byte[] message, boolean isCut) {
    EventBatch.Builder batch = EventBatch.builder();
    events().add(message, 0, message.length, isCut, charset, EncodedHeaders.NONE, batch);
    return all(batch.build()).get(0);
  }

  static List<Event> all(EventBatch batch) {
    List<Event> events = new ArrayList<>();
    for (EventView event : batch) {
      events.add(new Event(new TreeMap<>(event.headers()), latin1(event)));
    }
    return events;
  }

  /** Bodies as they are, byte by byte. */
  private static String latin1(EventView event) {
    return new String(event.body(), ISO_8859_1);
  }
}
