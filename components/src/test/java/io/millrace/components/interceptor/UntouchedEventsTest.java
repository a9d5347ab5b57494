/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.Interceptor;
import io.millrace.api.MalformedBatchException;
import io.millrace.components.testing.ToyChannelContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Interceptors leave events that they do not change as they are encoded: the events here are
 * encoded as no encoder of ours would (headers in several blocks, a header twice, block sizes), so
 * that one which was decoded and encoded again has other bytes.
 */
final class UntouchedEventsTest {
  private static final ToyChannelContext CONTEXT = ToyChannelContext.named("i1");

  /** Of these three events each interceptor changes or drops the middle one at most. */
  private static EventBatch batch(boolean isMiddleTouched) throws MalformedBatchException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(zigzag(3));
    event(bytes, "first");
    event(bytes, isMiddleTouched ? "touch me" : "middle");
    event(bytes, "last");
    bytes.write(0);
    return EventBatch.parse(bytes.toByteArray());
  }

  /** Headers {@code k=1}, then in a block with its size {@code k=2}, {@code keep=yes}. */
  private static void event(ByteArrayOutputStream bytes, String body) {
    bytes.write(zigzag(1));
    text(bytes, "k");
    text(bytes, "1");
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    text(block, "k");
    text(block, "2");
    text(block, "keep");
    text(block, "yes");
    if (body.startsWith("touch")) {
      bytes.write(zigzag(1));
      text(bytes, "touched");
      text(bytes, "yes");
    }
    bytes.write(zigzag(-2));
    bytes.write(zigzag(block.size()));
    bytes.writeBytes(block.toByteArray());
    bytes.write(0);
    text(bytes, body);
  }

  private static void text(ByteArrayOutputStream bytes, String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    bytes.write(zigzag(encoded.length));
    bytes.writeBytes(encoded);
  }

  /** Of a number between -64 and 63. */
  private static int zigzag(int value) {
    return (value << 1) ^ (value >> 31);
  }

  static Stream<Named<Interceptor>> interceptors() {
    Interceptor drop = new RegexFilterInterceptorOptions("touch", true).build(CONTEXT);
    Interceptor replace =
        new SearchReplaceInterceptorOptions("touch", "X", StandardCharsets.UTF_8).build(CONTEXT);
    Interceptor extract =
        new RegexExtractorInterceptorOptions(
                "(touch) (me)", List.of("a", "b"), Map.of("a.name", "a", "b.name", "b"))
            .build(CONTEXT);
    Interceptor remove =
        new RemoveHeaderInterceptorOptions(
                Optional.of("touched"), Optional.empty(), "\\s*,\\s*", Optional.empty())
            .build(CONTEXT);
    Interceptor removeMatching =
        new RemoveHeaderInterceptorOptions(
                Optional.empty(), Optional.empty(), "\\s*,\\s*", Optional.of("tou.*"))
            .build(CONTEXT);
    Interceptor keepStatic = new StaticInterceptorOptions(true, "keep", "no").build(CONTEXT);
    Interceptor keepId = new UuidInterceptorOptions("keep", true, "").build(CONTEXT);
    Interceptor keepTime = new TimestampInterceptorOptions("keep", true).build(CONTEXT);
    Interceptor chain =
        batch ->
            keepTime.intercept(
                keepStatic.intercept(
                    extract.intercept(remove.intercept(replace.intercept(batch)))));
    return Stream.of(
        Named.of("regex_filter", drop),
        Named.of("search_replace", replace),
        Named.of("regex_extractor", extract),
        Named.of("remove_header by name", remove),
        Named.of("remove_header by pattern", removeMatching),
        Named.of("static that preserves", keepStatic),
        Named.of("uuid that preserves", keepId),
        Named.of("timestamp that preserves", keepTime),
        Named.of("a chain", chain));
  }

  @ParameterizedTest
  @MethodSource("interceptors")
  void aBatchOfWhichNothingChangesIsPassedOnAsTheObjectItIs(Interceptor interceptor)
      throws Exception {
    EventBatch batch = batch(/* isMiddleTouched= */ false);
    assertThat(interceptor.intercept(batch)).isSameAs(batch);
  }

  @ParameterizedTest
  @MethodSource("interceptors")
  void theEventsAroundAChangedOneKeepEveryByte(Interceptor interceptor) throws Exception {
    EventBatch before = batch(/* isMiddleTouched= */ true);
    EventBatch after = interceptor.intercept(before);
    int last = after.eventCount() - 1;
    assertThat(after.slice(0, 1)).isEqualTo(before.slice(0, 1));
    assertThat(after.slice(last, last + 1)).isEqualTo(before.slice(2, 3));
  }
}
