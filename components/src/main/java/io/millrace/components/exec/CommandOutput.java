/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.Metrics.Counter;
import io.millrace.kit.text.LineFramer;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads lines from one output of a command until its end. A line ends at LF, CR or CR LF. Confined
 * to one thread.
 */
final class CommandOutput {
  private static final int READ_BYTES = 64 << 10;

  private final LineFramer framer;
  private boolean isAfterCarriageReturn;

  /** What is done with a line; bytes are valid until the method returns. */
  @FunctionalInterface
  interface Line {
    void take(byte[] array, int offset, int length) throws InterruptedException;
  }

  CommandOutput(int maxLineBytes, Counter truncated, Line line) {
    framer =
        new LineFramer(
            maxLineBytes,
            new LineFramer.Lines() {
              @Override
              public void line(byte[] array, int offset, int length) {
                try {
                  line.take(array, offset, length);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }

              @Override
              public void overlong(byte[] array, int offset, int length) {
                truncated.increment();
                line(array, offset, length);
              }
            });
  }

  /** Reads to the end. A failure ends it as well: the command is gone then. */
  void readAll(InputStream output) throws IOException {
    byte[] bytes = new byte[READ_BYTES];
    int count;
    while ((count = output.read(bytes)) >= 0) {
      framer.feed(bytes, 0, withLineFeeds(bytes, count));
    }
    framer.finish();
  }

  /** Writes every line end as one line feed; returns how many bytes are left. */
  private int withLineFeeds(byte[] bytes, int count) {
    int to = 0;
    for (int from = 0; from < count; from++) {
      byte b = bytes[from];
      if (b != '\n' || !isAfterCarriageReturn) {
        bytes[to++] = b == '\r' ? (byte) '\n' : b;
      }
      isAfterCarriageReturn = b == '\r';
    }
    return to;
  }
}
