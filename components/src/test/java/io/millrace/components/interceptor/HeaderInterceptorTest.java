/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Interceptor;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HeaderInterceptorTest {
  private static final Instant NOW = Instant.ofEpochMilli(1234567890123L);

  private static List<String> values(Interceptor interceptor, String header, String existing) {
    EventBatch batch =
        EventBatch.join(
            List.of(Events.of("plain"), EventBatch.of(Map.of(header, existing), new byte[] {1})));
    List<String> values = new ArrayList<>();
    for (EventView event : interceptor.intercept(batch)) {
      values.add(event.header(header));
    }
    return values;
  }

  @Test
  void theTimestampIsSetOrKept() {
    assertThat(
            values(
                new TimestampInterceptorOptions("timestamp", false).build(() -> NOW),
                "timestamp",
                "7"))
        .containsExactly("1234567890123", "1234567890123");
    assertThat(values(new TimestampInterceptorOptions("t", true).build(() -> NOW), "t", "7"))
        .containsExactly("1234567890123", "7");
  }

  @Test
  void theHostIsItsAddressOrItsName() throws Exception {
    InetAddress address = InetAddress.getLoopbackAddress();

    assertThat(
            values(
                new HostInterceptorOptions(false, true, "host").build(() -> address, "i1"),
                "host",
                "x"))
        .containsExactly(address.getHostAddress(), address.getHostAddress());
    assertThat(
            values(
                new HostInterceptorOptions(true, false, "h").build(() -> address, "i1"), "h", "x"))
        .containsExactly(address.getCanonicalHostName(), "x");
  }

  @Test
  void eventsPassWithoutTheHostWhenItCannotBeFound() {
    Interceptor interceptor =
        new HostInterceptorOptions(false, true, "host")
            .build(
                () -> {
                  throw new UnknownHostException("no such host");
                },
                "i1");
    EventBatch batch = Events.of("a");

    assertThat(interceptor.intercept(batch)).isSameAs(batch);
  }

  @Test
  void theStaticHeaderIsSetOrKept() {
    ToyChannelContext context = ToyChannelContext.named("i1");

    assertThat(
            values(new StaticInterceptorOptions(true, "key", "value").build(context), "key", "x"))
        .containsExactly("value", "x");
    assertThat(
            values(new StaticInterceptorOptions(false, "dc", "zürich").build(context), "dc", "x"))
        .containsExactly("zürich", "zürich");
  }

  @Test
  void bodiesAndOtherHeadersStay() {
    EventBatch batch = EventBatch.of(Map.of("a", "1", "b", "2"), new byte[] {9});

    EventView event =
        new StaticInterceptorOptions(true, "c", "3")
            .build(ToyChannelContext.named("i1"))
            .intercept(batch)
            .iterator()
            .next();

    assertThat(event.headers()).isEqualTo(Map.of("a", "1", "b", "2", "c", "3"));
    assertThat(event.body()).containsExactly(9);
  }
}
