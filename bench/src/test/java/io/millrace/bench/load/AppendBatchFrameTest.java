/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.bench.load.AppendBatchFrame.Answer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class AppendBatchFrameTest {
  private static final Scenario SCENARIO = new Scenario("test", 1, 40, 512, 1);

  @Test
  void buffersJoinToACallWithTheEventsOfTheScenario() throws Exception {
    byte[] message = join(AppendBatchFrame.of(SCENARIO, false, 1));

    int callBytes = 1 + 1 + "appendBatch".length();
    assertThat(new String(message, 2, callBytes - 2, StandardCharsets.US_ASCII))
        .isEqualTo("appendBatch");
    EventBatch batch = EventBatch.parse(message, callBytes, message.length - callBytes);
    assertThat(batch.eventCount()).isEqualTo(40);
    for (EventView event : batch) {
      assertThat(event.body()).hasSize(512);
      assertThat(event.header("host")).isEqualTo("web-017.example");
    }
  }

  @Test
  void theFirstFrameOfAConnectionStartsWithTheHandshakeOfFlume() {
    byte[] message = join(AppendBatchFrame.of(SCENARIO, true, 1));

    assertThat(HexFormat.of().formatHex(message, 0, 37))
        .isEqualTo(
            "86aadae2c45474c0fe93ffd0f2350a6500"
                + "86aadae2c45474c0fe93ffd0f2350a65"
                + "020000"
                + "16");
  }

  @Test
  void answersAreToldApart() {
    assertThat(AppendBatchFrame.readAnswer(new byte[] {0, 0, 0, 0, 0, 0, 0}, 7, true))
        .isEqualTo(Answer.OK);
    assertThat(AppendBatchFrame.readAnswer(new byte[] {0, 0, 0}, 3, false)).isEqualTo(Answer.OK);
    assertThat(AppendBatchFrame.readAnswer(new byte[] {0, 0, 2}, 3, false))
        .isEqualTo(Answer.FAILED);
    assertThatThrownBy(() -> AppendBatchFrame.readAnswer(new byte[] {0, 1, 0, 0}, 4, false))
        .hasMessageContaining("00010000");
    assertThatThrownBy(() -> AppendBatchFrame.readAnswer(new byte[] {4, 2}, 2, true))
        .hasMessageContaining("handshake match 4");
  }

  private static byte[] join(ByteBuffer frame) {
    frame.getInt();
    int buffers = frame.getInt();
    ByteBuffer message = ByteBuffer.allocate(frame.remaining());
    for (int i = 0; i < buffers; i++) {
      byte[] part = new byte[frame.getInt()];
      frame.get(part);
      message.put(part);
    }
    assertThat(frame.hasRemaining()).isFalse();
    byte[] joined = new byte[message.position()];
    message.flip().get(joined);
    return joined;
  }
}
