/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutputTailTest {
  private final OutputTail tail = new OutputTail();

  private static void write(OutputTail.Lines stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    stream.take(bytes, bytes.length);
  }

  @Test
  void linesOfTwoStreamsAreKeptWholeHoweverTheyCome() {
    OutputTail.Lines out = tail.newStream();
    OutputTail.Lines err = tail.newStream();
    write(out, "one ");
    write(err, "three\n");
    write(out, "two\nlast");
    out.end();
    assertThat(tail.lastLines()).containsExactly("three", "one two", "last");
  }

  @Test
  void noMoreThanItsBoundsIsKept() {
    OutputTail.Lines out = tail.newStream();
    for (int i = 0; i < OutputTail.MAX_LINES + 10; i++) {
      write(out, i + "\n");
    }
    write(out, "x".repeat(OutputTail.MAX_LINE_BYTES + 10) + "\n");
    assertThat(tail.lastLines()).hasSize(OutputTail.MAX_LINES).startsWith("11");
    assertThat(tail.lastLines().get(OutputTail.MAX_LINES - 1)).hasSize(OutputTail.MAX_LINE_BYTES);
  }

  @Test
  void aThreadDumpDoesNotDriveOutTheLinesBeforeIt() {
    OutputTail.Lines out = tail.newStream();
    write(out, "the cause\n");
    tail.startCapture();
    write(out, "Full thread dump\n".repeat(OutputTail.MAX_CAPTURED_LINES + 1));
    assertThat(tail.lastLines()).containsExactly("the cause");
    assertThat(tail.captured()).hasSize(OutputTail.MAX_CAPTURED_LINES);
  }
}
