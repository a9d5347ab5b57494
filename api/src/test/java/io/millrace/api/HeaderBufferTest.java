/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HeaderBufferTest {
  private final HeaderBuffer headers = new HeaderBuffer();

  private EventBatch batch(String body) throws MalformedBatchException {
    byte[] bytes = body.getBytes(UTF_8);
    EventBatch built = EventBatch.builder().add(headers, bytes, 0, bytes.length).build();
    byte[] encoded = new byte[built.encodedBytes()];
    built.copyTo(encoded, 0);
    return EventBatch.parse(encoded);
  }

  private void add(String name, String value) {
    byte[] bytes = ("  " + value).getBytes(UTF_8);
    headers.add(name.getBytes(UTF_8), bytes, 2, bytes.length - 2);
  }

  @Test
  void theEventIsTheSameAsFromAMap() throws MalformedBatchException {
    Map<String, String> expected = new LinkedHashMap<>();
    headers.add(EncodedHeaders.of(Map.of("a", "1")));
    expected.put("a", "1");
    for (int i = 0; i < 100; i++) {
      add("name-" + i, "v".repeat(i * 3));
      expected.put("name-" + i, "v".repeat(i * 3));
    }
    headers.add(EncodedHeaders.NONE);

    assertThat(batch("body")).isEqualTo(EventBatch.of(expected, "body".getBytes(UTF_8)));
  }

  @Test
  void itIsEmptyAgainAfterItWasCleared() throws MalformedBatchException {
    add("a", "1");
    headers.clear();
    assertThat(batch("")).isEqualTo(EventBatch.of(Map.of(), new byte[0]));
  }

  @Test
  void theLastValueOfANameCounts() throws MalformedBatchException {
    add("a", "1");
    add("a", "2");
    assertThat(batch("").iterator().next().headers()).isEqualTo(Map.of("a", "2"));
  }
}
