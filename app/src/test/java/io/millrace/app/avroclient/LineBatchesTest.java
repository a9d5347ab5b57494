/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineBatchesTest {
  private final List<EventBatch> sent = new ArrayList<>();
  private long readBytes;
  private final LineBatches lines =
      new LineBatches(
          EncodedHeaders.of(Map.of()),
          3,
          (batch, bytes) -> {
            sent.add(batch);
            readBytes += bytes;
          });

  @Test
  void batchesAreFullOrTheStreamMakesUsWait() throws Exception {
    // Two pieces: between them the stream has nothing to read at once.
    lines.read(new SequenceInputStream(text("a\nb\n"), text("c\nd\ne\nf")));
    assertThat(sent).extracting(EventBatch::eventCount).containsExactly(2, 3, 1);
    assertThat(readBytes).isEqualTo(11);
    assertThat(lines.lines()).isEqualTo(6);
  }

  @Test
  void largeLinesMakeSmallBatches() throws Exception {
    lines.read(text(("x".repeat(100_000) + "\n").repeat(4)));
    assertThat(sent).extracting(EventBatch::eventCount).containsExactly(2, 2, 0);
  }

  @Test
  void aLineWithoutEndIsNotKeptWhole() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            java.util.Arrays.fill(target, offset, offset + length, (byte) 'x');
            return length;
          }
        };
    assertThatThrownBy(() -> lines.read(endless))
        .isInstanceOf(SendFailedException.class)
        .hasMessageContaining("line 1 is longer than " + LineBatches.MAX_LINE_BYTES);
  }

  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
