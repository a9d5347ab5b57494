/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.io.DataInputBuffer;
import org.apache.hadoop.io.compress.CompressionInputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.junit.jupiter.api.Test;

class ZstdCodecTest {
  private final ZstdCodec codec = new ZstdCodec();

  private byte[] frame(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (CompressionOutputStream out = codec.createOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  /** As the reader of a sequence file does between two blocks of it. */
  @Test
  void afterAResetWhatIsLaidBelowIsReadAndNothingOfWhatWasReadAhead() throws IOException {
    byte[] first = frame("first ".repeat(1000));
    byte[] second = frame("second");
    AtomicInteger closes = new AtomicInteger();
    DataInputBuffer below =
        new DataInputBuffer() {
          @Override
          public void close() throws IOException {
            closes.incrementAndGet();
            super.close();
          }
        };
    below.reset(first, first.length);
    try (CompressionInputStream in = codec.createInputStream(below)) {
      assertThat(new String(in.readNBytes(5), UTF_8)).isEqualTo("first");
      below.reset(second, second.length);
      in.resetState();
      assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo("second");
      in.resetState();
      assertThat(closes).as("closed by a reset").hasValue(0);
    }
    assertThat(closes).hasValue(1);
  }
}
