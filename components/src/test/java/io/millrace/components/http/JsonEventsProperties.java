/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.MalformedBatchException;
import io.millrace.api.RejectedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The reader for plain events and the one for all others, against each other. */
class JsonEventsProperties {
  private final JsonEvents json = new JsonEvents();

  record Event(Map<String, String> headers, String body) {}

  private static List<Event> events(EventBatch batch) {
    List<Event> events = new ArrayList<>();
    for (EventView event : batch) {
      events.add(new Event(event.headers(), event.bodyText()));
    }
    return events;
  }

  private Optional<List<Event>> full(byte[] text, boolean isLines) {
    try {
      return Optional.of(events(json.read(text, text.length, StandardCharsets.UTF_8, isLines)));
    } catch (RejectedException e) {
      return Optional.empty();
    }
  }

  /** Checks the encoding, too: it is handed on as checked. */
  private static Optional<List<Event>> plain(byte[] text, boolean isLines) {
    Optional<EventBatch> batch = PlainEvents.read(text, 0, text.length, isLines);
    batch.ifPresent(
        found -> {
          byte[] encoded = new byte[found.encodedBytes()];
          found.copyTo(encoded, 0);
          try {
            assertThat(EventBatch.parse(encoded).eventCount()).isEqualTo(found.eventCount());
          } catch (MalformedBatchException e) {
            throw new AssertionError(e);
          }
        });
    return batch.map(JsonEventsProperties::events);
  }

  /** Pieces of which JSON of events is made, and some of which it is not. */
  @Provide
  Arbitrary<String> nearlyJson() {
    return Arbitraries.of(
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "\"headers\"",
            "\"body\"",
            "\"",
            "\\",
            "\\n",
            "\\u00e4",
            "\\ud83d\\ude00",
            "\\ud800",
            "{\"body\":\"x\"}",
            "{\"headers\":{\"a\":\"b\"}}",
            "null",
            "true",
            "1e9",
            " ",
            "\n",
            "é",
            "😀",
            "\u0001",
            "'",
            "x",
            "[{\"body\":\"",
            "\"}]",
            "{\"headers\":{\"k\":\"v\",\"k2\":\"\\\"q\\\"\"},\"body\":\"long enough for a word\"}")
        .list()
        .ofMaxSize(12)
        .map(pieces -> String.join("", pieces));
  }

  @Property(tries = 20_000)
  void whatBothReadTheyReadAlike(@ForAll("nearlyJson") String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (boolean isLines : new boolean[] {false, true}) {
      Optional<List<Event>> plain = plain(bytes, isLines);
      if (plain.isPresent()) {
        assertThat(plain).isEqualTo(full(bytes, isLines));
      }
    }
  }

  @Property(tries = 5000)
  void anyBytesAreEventsOrRefused(@ForAll byte[] bytes) {
    plain(bytes, false);
    full(bytes, false);
    full(bytes, true);
  }

  @Provide
  Arbitrary<List<Event>> eventLists() {
    Arbitrary<String> text = Arbitraries.strings().all().excludeChars(surrogates()).ofMaxLength(40);
    Arbitrary<Map<String, String>> headers = Arbitraries.maps(text, text).ofMaxSize(80);
    return Combinators.combine(headers, text).as(Event::new).list().ofMaxSize(5);
  }

  private static char[] surrogates() {
    char[] all = new char[Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1];
    for (int i = 0; i < all.length; i++) {
      all[i] = (char) (Character.MIN_SURROGATE + i);
    }
    return all;
  }

  @Property(tries = 500)
  void whatIsWrittenIsRead(@ForAll("eventLists") List<Event> events, @ForAll boolean bodyFirst) {
    StringBuilder text = new StringBuilder("[");
    for (Event event : events) {
      StringBuilder headers = new StringBuilder();
      event
          .headers()
          .forEach(
              (name, value) ->
                  headers
                      .append(headers.length() == 0 ? "" : " , ")
                      .append(quoted(name))
                      .append(" : ")
                      .append(quoted(value)));
      String headerField = "\"headers\": {" + headers + "}";
      String bodyField = "\"body\":" + quoted(event.body());
      text.append(text.length() == 1 ? "" : ",\n")
          .append("{")
          .append(bodyFirst ? bodyField + "," + headerField : headerField + "," + bodyField)
          .append("}");
    }
    byte[] bytes = text.append("]").toString().getBytes(StandardCharsets.UTF_8);
    assertThat(full(bytes, false)).contains(events);
    // Its reader takes all of this, for nothing of it is unusual.
    assertThat(plain(bytes, false)).contains(events);
  }

  @Property(tries = 500)
  void cutOffAnywhereItIsRefused(
      @ForAll("eventLists") List<Event> events, @ForAll("shares") double share) {
    StringBuilder text = new StringBuilder("[{\"body\":\"x\"}");
    events.forEach(event -> text.append(",{\"body\":").append(quoted(event.body())).append('}'));
    byte[] bytes = text.append("]").toString().getBytes(StandardCharsets.UTF_8);
    byte[] cut = Arrays.copyOf(bytes, (int) ((bytes.length - 1) * share));
    assertThat(plain(cut, false)).isEmpty();
    assertThat(full(cut, false)).isEmpty();
  }

  @Provide
  Arbitrary<Double> shares() {
    return Arbitraries.doubles().between(0, 1);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
