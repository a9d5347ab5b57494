/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Batches for tests, and what is in them. Stateless. */
public final class Events {
  private Events() {}

  public static EventBatch of(String... bodies) {
    EventBatch.Builder batch = EventBatch.builder();
    for (String body : bodies) {
      batch.add(EncodedHeaders.NONE, body.getBytes(StandardCharsets.UTF_8));
    }
    return batch.build();
  }

  /** Events whose bodies are the numbers {@code [from, to)}. */
  public static EventBatch numbered(int from, int to) {
    return of(numbers(from, to).toArray(String[]::new));
  }

  public static List<String> bodies(EventBatch batch) {
    List<String> bodies = new ArrayList<>(batch.eventCount());
    for (EventView event : batch) {
      bodies.add(event.bodyText());
    }
    return bodies;
  }

  public static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }
}
