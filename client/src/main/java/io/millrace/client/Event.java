/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/**
 * One event: headers and a body, encoded when it is made, so that the caller may go on to use what
 * it was made of. Immutable.
 *
 * @since 0.1
 */
public final class Event {
  private final EventBatch batch;

  private Event(EventBatch batch) {
    this.batch = batch;
  }

  /** An event without headers. */
  public static Event of(byte[] body) {
    return of(Map.of(), body);
  }

  /** An event of a text in UTF-8, without headers. */
  public static Event ofText(String text) {
    return ofText(Map.of(), text);
  }

  /** An event of a text in UTF-8. */
  public static Event ofText(Map<String, String> headers, String text) {
    return of(headers, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * An event of a copy of what is given.
   *
   * @throws IllegalArgumentException when a header has no name or no value
   */
  public static Event of(Map<String, String> headers, byte[] body) {
    headers.forEach(Event::check);
    Objects.requireNonNull(body, "body");
    EventBatch.Builder builder = EventBatch.builder(64 + 32 * headers.size() + body.length);
    return new Event(Compact.of(builder.add(EncodedHeaders.of(headers), body).build()));
  }

  private static void check(String name, String value) {
    if (name == null || value == null) {
      throw new IllegalArgumentException(
          "header '" + name + "': " + value + " (expected: a name and a value)");
    }
  }

  /** The headers, copied. */
  public Map<String, String> headers() {
    return view().headers();
  }

  /** The body, copied. */
  public byte[] body() {
    return view().body();
  }

  /** The body as UTF-8 text. */
  public String bodyText() {
    return view().bodyText();
  }

  /** The event as a batch of one, not copied. */
  public EventBatch asBatch() {
    return batch;
  }

  private EventView view() {
    return batch.iterator().next();
  }

  /** Names sizes only: headers and bodies may hold what no log should. */
  @Override
  public String toString() {
    return "Event[" + batch.encodedBytes() + " bytes encoded]";
  }
}
