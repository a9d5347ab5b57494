/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.logger;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Sink;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.LogCapture;
import io.millrace.components.testing.ToySinkContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class LoggerSinkTest {
  private static List<String> log(int maxBytesToLog, EventBatch batch) {
    Sink sink = new LoggerSinkOptions(maxBytesToLog).build(ToySinkContext.named("k1"));
    try (LogCapture log = new LogCapture(LoggerSink.class)) {
      assertThat(sink.deliver(batch, Origin.NONE)).isCompleted();
      return List.copyOf(log.lines());
    }
  }

  private static String line(Map<String, String> headers, String body) {
    EventBatch batch =
        EventBatch.of(headers, body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return new EventLine(16).of(batch.iterator().next());
  }

  @Test
  void anEventIsOneLineAtLevelInfoAsFlumeShowsIt() {
    assertThat(log(16, Events.of("Hello world!\r")))
        .containsExactly(
            "INFO Event: { headers:{} body: 48 65 6C 6C 6F 20 77 6F 72 6C 64 21 0D          "
                + "Hello world!. }");
  }

  @Test
  void headersAreShownInTheirOrder() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("host", "web1");
    headers.put("level", "info");

    assertThat(line(headers, "")).isEqualTo("Event: { headers:{host=web1, level=info} body: }");
  }

  @Test
  void maxBytesToLogSaysHowMuchOfABodyIsShown() {
    String twenty = "0123456789abcdefghij";

    assertThat(log(16, Events.of(twenty)).get(0)).endsWith(" 66 0123456789abcdef }");
    assertThat(log(20, Events.of(twenty)).get(0)).endsWith("67 68 69 6A 0123456789abcdefghij }");
    assertThat(log(0, Events.of(twenty)).get(0)).endsWith("body: }");
    assertThat(log(3, Events.of(twenty)).get(0)).contains("30 31 32 ").endsWith(" 012 }");
  }

  @Test
  void nothingFromTheNetworkEndsTheLineOrMovesTheCursorOrTurnsTextAround() {
    String evil = "a\r\nFAKE\u001b[31m\u0000\u0085\u2028\u202e\ud800b";

    String shown = line(Map.of("h" + evil, evil), evil);

    assertThat(shown.chars()).allMatch(c -> c >= ' ' && c < 0x7F);
    assertThat(shown)
        .contains("a\\u{d}\\u{a}FAKE\\u{1b}[31m\\u{0}\\u{85}\\u{2028}\\u{202e}")
        .contains("a..FAKE.[31m");
  }

  @Test
  void lettersThatAreNotAsciiStayReadableInHeaders() {
    assertThat(line(Map.of("stadt", "Zürich 東京 😀"), "")).contains("stadt=Zürich 東京 😀");
  }

  @Test
  void bracesAndLookUpsInAnEventAreTextLikeAnyOther() {
    assertThat(log(16, EventBatch.of(Map.of("h", "${jndi:ldap://x} {} %s"), new byte[0])))
        .containsExactly("INFO Event: { headers:{h=${jndi:ldap://x} {} %s} body: }");
  }

  @Test
  void longAndManyHeadersAreCutAndCounted() {
    Map<String, String> many = new TreeMap<>();
    for (int i = 0; i < EventLine.MAX_HEADERS + 5; i++) {
      many.put(String.format("h%03d", i), "v");
    }

    assertThat(line(many, "")).contains("h063=v, ... 5 more} body");
    assertThat(line(Map.of("h", "x".repeat(EventLine.MAX_HEADER_CHARS + 7)), ""))
        .contains("x... 7 more}");
  }
}
