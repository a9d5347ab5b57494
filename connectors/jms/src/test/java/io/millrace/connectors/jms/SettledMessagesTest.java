/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettledMessagesTest {
  private static ByteBuffer mark(String id, String body, Map<String, String> headers) {
    return SettledMessages.mark(id, EventBatch.of(headers, body.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aMessageIsKnownAgainAsOftenAsItWasSettledAndNoMore() {
    SettledMessages settled = new SettledMessages();
    settled.add(mark("1", "a", Map.of()));
    settled.add(mark("1", "a", Map.of()));
    assertThat(settled.remove(mark("1", "a", Map.of()))).isTrue();
    assertThat(settled.remove(mark("1", "a", Map.of()))).isTrue();
    assertThat(settled.remove(mark("1", "a", Map.of()))).isFalse();
    assertThat(settled.isEmpty()).isTrue();
  }

  @Test
  void whatTheBrokerChangesBetweenDeliveriesMakesNoOtherMessage() {
    assertThat(mark("1", "a", Map.of("k", "v", "JMSXDeliveryCount", "1")))
        .isEqualTo(mark("1", "a", Map.of("JMSXDeliveryCount", "2", "k", "v")));
  }

  /** Some senders give every message the same id. */
  @Test
  void theSameIdWithOtherContentIsAnotherMessage() {
    assertThat(mark("1", "a", Map.of())).isNotEqualTo(mark("1", "b", Map.of()));
    assertThat(mark("1", "a", Map.of("k", "v"))).isNotEqualTo(mark("1", "a", Map.of("k", "w")));
    assertThat(mark("1", "a", Map.of("k", "v"))).isNotEqualTo(mark("1", "a", Map.of("kv", "")));
  }

  @Test
  void theOldestIsForgottenBeyondTheBound() {
    SettledMessages settled = new SettledMessages();
    for (int i = 0; i <= SettledMessages.MAX_MESSAGES; i++) {
      settled.add(ByteBuffer.allocate(4).putInt(i).flip());
    }
    assertThat(settled.remove(ByteBuffer.allocate(4).putInt(0).flip())).isFalse();
    assertThat(settled.remove(ByteBuffer.allocate(4).putInt(1).flip())).isTrue();
  }
}
