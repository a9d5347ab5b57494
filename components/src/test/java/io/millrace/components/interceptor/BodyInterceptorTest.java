/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Interceptor;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BodyInterceptorTest {
  private static final String RUNAWAY = "x*x*x*x*x*x*y";

  private final ToyChannelContext context = ToyChannelContext.named("i1");

  private static List<String> bodies(EventBatch batch) {
    List<String> bodies = new ArrayList<>();
    batch.forEach(event -> bodies.add(event.bodyText()));
    return bodies;
  }

  private static EventBatch event(Map<String, String> headers, String body) {
    return EventBatch.of(headers, body.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Map<String, String>> headers(EventBatch batch) {
    List<Map<String, String>> headers = new ArrayList<>();
    for (EventView event : batch) {
      headers.add(event.headers());
    }
    return headers;
  }

  @Test
  void matchesAreReplacedEverywhereAndOtherEventsAreNotTouched() {
    Interceptor masked =
        new SearchReplaceInterceptorOptions("(\\d{4})\\d{8}", "$1********", StandardCharsets.UTF_8)
            .build(context);
    EventBatch batch =
        EventBatch.join(
            List.of(
                Events.of("plain"),
                event(Map.of("h", "v"), "card 123456789012, 999900001111"),
                Events.of("last ü")));

    EventBatch result = masked.intercept(batch);

    assertThat(bodies(result))
        .containsExactly("plain", "card 1234********, 9999********", "last ü");
    assertThat(headers(result)).containsExactly(Map.of(), Map.of("h", "v"), Map.of());
    EventBatch untouched = Events.of("a", "b");
    assertThat(masked.intercept(untouched)).isSameAs(untouched);
    assertThat(masked.intercept(EventBatch.EMPTY).isEmpty()).isTrue();
  }

  @Test
  void aBodyThatIsNoTextIsNotChangedByReadingIt() {
    Interceptor replaced =
        new SearchReplaceInterceptorOptions("x", "y", StandardCharsets.UTF_8).build(context);
    EventBatch batch = EventBatch.of(Map.of(), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThat(replaced.intercept(batch)).isSameAs(batch);
  }

  @Test
  void aReplacementOfAGroupThatIsNotThereIsAMistakeOfTheConfiguration() {
    assertThatThrownBy(
            () ->
                new SearchReplaceInterceptorOptions("a", "$1", StandardCharsets.UTF_8)
                    .build(context))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.option()).isEqualTo("replaceString"));
  }

  @Test
  void eventsAreFilteredByWhatIsFoundInThem() {
    EventBatch batch = Events.of("ERROR a", "INFO b", "x ERROR c");

    assertThat(
            bodies(
                new RegexFilterInterceptorOptions("ERROR", false).build(context).intercept(batch)))
        .containsExactly("ERROR a", "x ERROR c");
    assertThat(
            bodies(
                new RegexFilterInterceptorOptions("ERROR", true).build(context).intercept(batch)))
        .containsExactly("INFO b");
    assertThat(context.metrics().counter("EventFilteredCount").value()).isEqualTo(3);
    assertThat(new RegexFilterInterceptorOptions(".*", false).build(context).intercept(batch))
        .isSameAs(batch);
  }

  @Test
  void anEventThatMakesAnExpressionRunAwayIsKeptAsItIsAndCounted() {
    EventBatch batch = Events.of("x".repeat(300), "xy");

    for (boolean excludes : new boolean[] {false, true}) {
      assertThat(
              bodies(
                  new RegexFilterInterceptorOptions(RUNAWAY, excludes)
                      .build(context)
                      .intercept(batch)))
          .contains("x".repeat(300));
    }
    assertThat(
            bodies(
                new SearchReplaceInterceptorOptions(RUNAWAY, "z", StandardCharsets.UTF_8)
                    .build(context)
                    .intercept(batch)))
        .containsExactly("x".repeat(300), "z");
    assertThat(
            headers(
                extractor("(" + RUNAWAY + ")", List.of("s"), Map.of("s.name", "h"))
                    .intercept(batch)))
        .containsExactly(Map.of(), Map.of("h", "xy"));
    assertThat(context.metrics().counter("RunawayPatternCount").value()).isEqualTo(4);
  }

  private Interceptor extractor(
      String regex, List<String> serializers, Map<String, String> options) {
    return new RegexExtractorInterceptorOptions(regex, serializers, options).build(context);
  }

  @Test
  void groupsOfTheFirstMatchBecomeHeaders() {
    Interceptor extractor =
        extractor(
            "(\\d):(\\d)(:\\d)?",
            List.of("s1", "s2", "s3"),
            Map.of("s1.name", "one", "s2.name", "two", "s3.name", "three"));
    EventBatch batch =
        EventBatch.join(
            List.of(
                event(Map.of("one", "old", "h", "v"), "1:2 3:4"),
                Events.of("none"),
                Events.of("a5:6:7")));

    assertThat(headers(extractor.intercept(batch)))
        .containsExactly(
            Map.of("one", "1", "two", "2", "h", "v"),
            Map.of(),
            Map.of("one", "5", "two", "6", "three", ":7"));
  }

  @Test
  void aDateBecomesMillisecondsAndOneThatCannotBeReadNoHeader() {
    Interceptor extractor =
        extractor(
            "^\\[(.*?)\\]",
            List.of("t"),
            Map.of(
                "t.name",
                "timestamp",
                "t.type",
                "org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer",
                "t.pattern",
                "dd/MMM/yyyy:HH:mm:ss Z"));

    assertThat(
            headers(
                extractor.intercept(
                    Events.of("[10/Oct/2000:13:55:36 -0700] GET", "[yesterday] GET"))))
        .containsExactly(Map.of("timestamp", "971211336000"), Map.of());
    assertThat(context.metrics().counter("UnreadableGroupCount").value()).isEqualTo(1);
  }

  @Test
  void whatAnExtractorCannotWorkWithIsSaidWithItsKey() {
    assertWrong("serializers.s.name", "(a)", Map.of());
    assertWrong("serializers", "a", Map.of("s.name", "h"));
    assertWrong("serializers.s.type", "(a)", Map.of("s.name", "h", "s.type", "com.example.Own"));
    assertWrong("serializers.s.pattern", "(a)", Map.of("s.name", "h", "s.type", "MILLIS"));
    assertWrong(
        "serializers.s.pattern",
        "(a)",
        Map.of("s.name", "h", "s.type", "millis", "s.pattern", "bb"));
    assertWrong("regex", "(a", Map.of("s.name", "h"));
  }

  private void assertWrong(String option, String regex, Map<String, String> options) {
    assertThatThrownBy(() -> extractor(regex, List.of("s"), options))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.option()).isEqualTo(option));
  }

  @Test
  void headersAreRemovedByNameListAndExpression() {
    EventBatch batch =
        EventBatch.join(
            List.of(
                event(Map.of("a", "1", "b", "2", "tmp-x", "3", "c", "4"), "body"),
                event(Map.of("c", "5"), "other")));
    Interceptor remover =
        new RemoveHeaderInterceptorOptions(
                Optional.of("a"), Optional.of("b , d"), "\\s*,\\s*", Optional.of("tmp-.*"))
            .build(context);

    EventBatch result = remover.intercept(batch);

    assertThat(headers(result)).containsExactly(Map.of("c", "4"), Map.of("c", "5"));
    assertThat(bodies(result)).containsExactly("body", "other");
    assertThat(remover.intercept(result)).isSameAs(result);
  }

  @Test
  void everyEventGetsAnIdentifierOfItsOwnUnlessItHasOne() {
    EventBatch batch =
        EventBatch.join(List.of(Events.of("a", "b"), event(Map.of("id", "mine"), "c")));

    List<Map<String, String>> kept =
        headers(new UuidInterceptorOptions("id", true, "p-").build(context).intercept(batch));
    assertThat(kept.get(0).get("id"))
        .matches("p-[0-9a-f-]{36}")
        .isNotEqualTo(kept.get(1).get("id"));
    assertThat(kept.get(2)).containsEntry("id", "mine");
    assertThat(
            headers(new UuidInterceptorOptions("id", false, "").build(() -> "1").intercept(batch)))
        .containsOnly(Map.of("id", "1"));
  }
}
