/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LineFeedsTest {
  /** Longer than what is looked at in one turn, and not a multiple of it. */
  private static final int MAX_LENGTH = 75;

  /** Bytes that differ from a line feed by one bit, or by the sign. */
  private static final byte[] LIKE_IT = {0x0B, 0x08, (byte) 0x8A, 0x1A, 0, (byte) 0xFF, 'x'};

  @Test
  void theFirstLineFeedIsFoundWhereverItIs() {
    for (byte other : LIKE_IT) {
      for (int length = 0; length <= MAX_LENGTH; length++) {
        for (int at = 0; at < length; at++) {
          byte[] array = new byte[length + 4];
          Arrays.fill(array, other);
          array[at] = '\n';
          // Behind it there may be others.
          array[length - 1] = '\n';
          for (int from = 0; from <= Math.min(at, 9); from++) {
            assertThat(LineFeeds.indexOf(array, from, length)).isEqualTo(at);
          }
        }
      }
    }
  }

  @Test
  void noneIsFoundOutsideTheRange() {
    for (byte other : LIKE_IT) {
      for (int length = 0; length <= MAX_LENGTH; length++) {
        byte[] array = new byte[length + 10];
        Arrays.fill(array, other);
        array[0] = '\n';
        Arrays.fill(array, length + 1, array.length, (byte) '\n');
        assertThat(LineFeeds.indexOf(array, 1, length + 1)).isEqualTo(-1);
      }
    }
  }
}
