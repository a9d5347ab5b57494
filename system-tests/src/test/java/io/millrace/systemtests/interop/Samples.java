/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Events to send: the odd ones that every row of a table is to carry, and many ordinary ones. */
final class Samples {
  /** How many events one call of {@link #batches} makes. */
  static final int EVENTS = 150;

  /** How many lines one call of {@link #logLines} makes. */
  static final int LOG_LINES = 40;

  static final int LARGE_BODY_BYTES = 1 << 20;

  private static final int[] BATCH_EVENTS = {1, 2, 50, 1, 17};
  private static final List<String> LEVELS = List.of("DEBUG", "INFO", "WARN", "ERROR", "FATAL");
  private static final String UNICODE =
      "naïve – Ωμέγα – שלום – 水車 – 🚰 – e\u0301 – \u0000\u0001\t\n";

  private final Random random;

  Samples(Random random) {
    this.random = random;
  }

  /** {@value #EVENTS} events, in batches of several sizes. */
  List<List<TestEvent>> batches() {
    List<TestEvent> events = new ArrayList<>(oddEvents());
    while (events.size() < EVENTS) {
      events.add(ordinaryEvent(events.size()));
    }
    return inBatches(events);
  }

  /** {@value #LOG_LINES} log calls: the headers {@code logger} and {@code level}, and a message. */
  List<List<TestEvent>> logLines() {
    List<TestEvent> lines = new ArrayList<>();
    lines.add(logLine(0, ""));
    lines.add(logLine(1, UNICODE));
    lines.add(logLine(2, "two\nlines"));
    lines.add(logLine(3, "x".repeat(LARGE_BODY_BYTES)));
    while (lines.size() < LOG_LINES) {
      lines.add(logLine(lines.size(), "line " + lines.size() + " of " + random.nextInt()));
    }
    return inBatches(lines);
  }

  private List<TestEvent> oddEvents() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      many.put("header-" + i, "value " + i);
    }
    return List.of(
        TestEvent.ofText(Map.of(), "no headers"),
        TestEvent.ofText(Map.of("k", "v"), ""),
        TestEvent.ofText(Map.of(), ""),
        TestEvent.ofText(Map.of("empty", "", "", "of no name"), "empty header, empty name"),
        TestEvent.ofText(Map.of(UNICODE, UNICODE, "水車", "🚰"), UNICODE),
        TestEvent.ofText(Map.of("long", "x".repeat(20_000)), "long header"),
        TestEvent.ofText(many, "many headers"),
        TestEvent.of(Map.of("kind", "every byte"), everyByte()),
        TestEvent.of(Map.of("kind", "large"), bytes(LARGE_BODY_BYTES)));
  }

  private TestEvent ordinaryEvent(int number) {
    Map<String, String> headers = new HashMap<>();
    headers.put("number", Integer.toString(number));
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.put("name-" + i, "value " + random.nextInt());
    }
    return number % 2 == 0
        ? TestEvent.of(headers, bytes(random.nextInt(2_000)))
        : TestEvent.ofText(headers, "line " + number + " 🚰 " + random.nextLong());
  }

  private static TestEvent logLine(int number, String message) {
    return TestEvent.ofText(
        Map.of("level", LEVELS.get(number % LEVELS.size()), "logger", "shop.Order" + number % 3),
        message);
  }

  private static List<List<TestEvent>> inBatches(List<TestEvent> events) {
    List<List<TestEvent>> batches = new ArrayList<>();
    int first = 0;
    while (first < events.size()) {
      int count = BATCH_EVENTS[batches.size() % BATCH_EVENTS.length];
      int end = Math.min(events.size(), first + count);
      batches.add(events.subList(first, end));
      first = end;
    }
    return batches;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] everyByte() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }
}
