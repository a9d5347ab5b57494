/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.kit.text.LineFeeds;
import io.millrace.kit.text.MultilineOptions;
import io.millrace.kit.text.MultilineRule;
import java.nio.charset.StandardCharsets;

/**
 * Finds where an event of several lines ends. The lines stay as they are, one behind the other, so
 * that an event is a run of bytes of the file. Immutable.
 */
final class EventEnds {
  private final MultilineRule rule;
  private final int maxLines;
  private final int maxBytes;

  /**
   * @param options with a pattern
   * @param roomBytes that an event may take at most
   */
  EventEnds(MultilineOptions options, long roomBytes) {
    this.rule = options.rule();
    this.maxLines = options.maxLines();
    this.maxBytes = (int) Math.min(options.maxSize().bytes(), roomBytes);
  }

  /** Largest event of more than one line. */
  int maxBytes() {
    return maxBytes;
  }

  /** Bytes that tell in any case whether an event ends. */
  int windowBytes() {
    return maxBytes + MultilineRule.MAX_SEEN_BYTES + 2;
  }

  /**
   * Offset of the line feed that ends the event at {@code at}, or -1 when what is there does not
   * tell.
   *
   * @param isDue whether the last whole line ends an event, though more may come
   */
  int find(byte[] block, int at, int limit, boolean isDue) {
    int lineStart = at;
    int end = LineFeeds.indexOf(block, at, limit);
    for (int lines = 1; end >= 0; lines++) {
      if (lines >= maxLines || (!rule.looksBack() && !belongs(block, lineStart, end))) {
        return end;
      }
      int next = end + 1;
      int nextEnd = LineFeeds.indexOf(block, next, limit);
      if (nextEnd < 0 && limit - next < MultilineRule.MAX_SEEN_BYTES) {
        return isDue ? end : -1;
      }
      int seenEnd = nextEnd < 0 ? limit : nextEnd;
      if (seenEnd - at > maxBytes || (rule.looksBack() && !belongs(block, next, seenEnd))) {
        return end;
      }
      lineStart = next;
      end = nextEnd;
    }
    return -1;
  }

  private boolean belongs(byte[] block, int from, int to) {
    int length = to - from;
    if (length > 0 && block[to - 1] == '\r') {
      length--;
    }
    return rule.belongs(block, from, length, StandardCharsets.UTF_8);
  }
}
