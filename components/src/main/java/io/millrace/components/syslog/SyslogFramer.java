/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.kit.text.LineFeeds;
import java.util.Arrays;
import java.util.Objects;

/**
 * Cuts a stream that arrives in pieces into syslog messages, by RFC 6587:
 *
 * <pre>
 *   stream  = { counted | line }
 *   counted = 1-9 { 0-9 } SP message      as many bytes as the number says
 *   line    = message LF
 * </pre>
 *
 * <p>LF, CR and NUL at the ends of a message are no part of it, so that empty lines are no messages
 * and senders that end counted messages with a line feed, in the count (rsyslog) or behind it, are
 * understood. Which of both it is, each message says anew. The cuts do not depend on the pieces.
 *
 * <p>Bounds: keeps {@code maxMessageBytes} of an unfinished message; what a message has beyond that
 * is skipped and counted. Whole messages inside one piece are lent without a copy. Confined to one
 * thread.
 */
final class SyslogFramer {
  /** A larger count is taken for text: it would have a stream go by unread. */
  static final int MAX_COUNT = 64 * 1024 * 1024;

  /** What a source may be told to keep of a message; any channel takes it. */
  static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  private static final int MAX_COUNT_DIGITS = 8;

  /** A count, a blank and the byte behind it fit in any message. */
  static final int MIN_MESSAGE_BYTES = MAX_COUNT_DIGITS + 2;

  private static final int FIRST_CARRY_BYTES = 256;

  /** A larger carry is given back once its message is complete. */
  private static final int MAX_IDLE_CARRY_BYTES = 4096;

  private static final int NOT_COUNTED = 0;
  private static final int UNDECIDED = -1;
  private static final byte[] NONE = new byte[0];

  /** What is told of messages. Lent bytes are valid until the method returns. */
  @FunctionalInterface
  interface Messages {
    /**
     * @param isCut whether bytes are missing at its end: it is longer than allowed, or the stream
     *     ended within
     */
    void message(byte[] array, int offset, int length, boolean isCut);
  }

  private enum State {
    /** In front of a message; the carry holds what may become a count. */
    START,
    LINE,
    COUNTED,
    SKIPPING_LINE,
    SKIPPING_COUNTED
  }

  private final Framing framing;
  private final int maxMessageBytes;
  private final Messages messages;
  private State state = State.START;
  private byte[] carry = NONE;
  private int carryBytes;

  /** Bytes of a counted message that have not come. */
  private int countedLeft;

  private long skippedBytes;

  SyslogFramer(Framing framing, int maxMessageBytes, Messages messages) {
    if (maxMessageBytes < MIN_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "maxMessageBytes: " + maxMessageBytes + " (expected: " + MIN_MESSAGE_BYTES + " or more)");
    }
    this.framing = Objects.requireNonNull(framing);
    this.maxMessageBytes = maxMessageBytes;
    this.messages = Objects.requireNonNull(messages);
  }

  /** Memory kept for an unfinished message. */
  int carryCapacity() {
    return carry.length;
  }

  /** Whether part of a message waits for its end. */
  boolean hasUnfinished() {
    return state != State.START || carryBytes > 0;
  }

  /** Bytes of overlong messages that nobody was given. */
  long skippedBytes() {
    return skippedBytes;
  }

  /** Takes the next piece. */
  void feed(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    int limit = offset + length;
    int at = offset;
    while (at < limit) {
      at =
          switch (state) {
            case START -> start(array, at, limit);
            case LINE -> line(array, at, limit);
            case COUNTED -> counted(array, at, limit);
            case SKIPPING_LINE -> skipLine(array, at, limit);
            case SKIPPING_COUNTED -> skipCounted(at, limit);
          };
    }
  }

  /** Hands on what is left of an unfinished message, if anything: the stream ends here. */
  void finish() {
    if (carryBytes > 0) {
      int length = withoutTrailer(carry, 0, carryBytes);
      if (length > 0) {
        messages.message(carry, 0, length, true);
      }
    }
    toStart();
  }

  private int start(byte[] array, int from, int limit) {
    int at = from;
    if (carryBytes == 0) {
      while (at < limit && isFiller(array[at])) {
        at++;
      }
      if (at == limit) {
        return at;
      }
      int count = framing == Framing.NEWLINE ? NOT_COUNTED : count(array, at, limit);
      if (count > 0) {
        countedLeft = count;
        state = State.COUNTED;
        return at + digits(count) + 1;
      }
      if (count == NOT_COUNTED) {
        state = State.LINE;
        return at;
      }
    }
    // What may become a count is cut by the end of a piece: byte by byte until it is decided.
    append(array, at, 1);
    int count = count(carry, 0, carryBytes);
    if (count == NOT_COUNTED) {
      state = State.LINE;
      if (carry[carryBytes - 1] == LineFeeds.LF) {
        // A short line of digits.
        carryBytes--;
        return line(array, at, limit);
      }
    } else if (count > 0) {
      int prefix = digits(count) + 1;
      int taken = carryBytes - prefix;
      carryBytes = 0;
      state = State.COUNTED;
      countedLeft = count;
      // The one byte behind the prefix that decided it, if any, is read again as the message's.
      return at + 1 - taken;
    }
    return at + 1;
  }

  /** The count in front of a message, {@link #NOT_COUNTED}, or {@link #UNDECIDED}. */
  private int count(byte[] array, int from, int limit) {
    int value = 0;
    int at = from;
    for (; at < limit && isDigit(array[at]); at++) {
      if (at - from == MAX_COUNT_DIGITS) {
        return NOT_COUNTED;
      }
      value = value * 10 + array[at] - '0';
      if (value == 0) {
        return NOT_COUNTED;
      }
    }
    if (at == limit) {
      return UNDECIDED;
    }
    if (array[at] != ' ' || value == 0 || value > MAX_COUNT) {
      return NOT_COUNTED;
    }
    if (framing == Framing.OCTET_COUNTING) {
      return value;
    }
    // "200 OK" is a line of text, "200 <13>" is not.
    if (at + 1 == limit) {
      return UNDECIDED;
    }
    return array[at + 1] == '<' ? value : NOT_COUNTED;
  }

  private static int digits(int value) {
    int digits = 1;
    for (int left = value; left >= 10; left /= 10) {
      digits++;
    }
    return digits;
  }

  private int line(byte[] array, int from, int limit) {
    int end = LineFeeds.indexOf(array, from, limit);
    int pieceEnd = end < 0 ? limit : end;
    int length = pieceEnd - from;
    if (carryBytes + (long) length > maxMessageBytes) {
      skippedBytes += length - takeUpToLimit(array, from, length);
      if (end < 0) {
        state = State.SKIPPING_LINE;
      }
    } else if (end < 0) {
      append(array, from, length);
    } else if (carryBytes == 0) {
      tell(array, from, length);
      toStart();
    } else {
      append(array, from, length);
      tell(carry, 0, carryBytes);
      toStart();
    }
    return end < 0 ? limit : end + 1;
  }

  private int counted(byte[] array, int from, int limit) {
    int length = Math.min(countedLeft, limit - from);
    countedLeft -= length;
    if (carryBytes + (long) length > maxMessageBytes) {
      skippedBytes += length - takeUpToLimit(array, from, length);
      if (countedLeft > 0) {
        state = State.SKIPPING_COUNTED;
      }
    } else if (countedLeft > 0) {
      append(array, from, length);
    } else if (carryBytes == 0) {
      tell(array, from, length);
      toStart();
    } else {
      append(array, from, length);
      tell(carry, 0, carryBytes);
      toStart();
    }
    return from + length;
  }

  /** Tells a message that is longer than allowed; returns the bytes of the piece that it got. */
  private int takeUpToLimit(byte[] array, int from, int length) {
    int taken = Math.min(length, maxMessageBytes - carryBytes);
    if (carryBytes == 0) {
      messages.message(array, from, taken, true);
      toStart();
    } else {
      append(array, from, taken);
      cut();
    }
    return taken;
  }

  private void cut() {
    messages.message(carry, 0, carryBytes, true);
    toStart();
  }

  private int skipLine(byte[] array, int from, int limit) {
    int end = LineFeeds.indexOf(array, from, limit);
    skippedBytes += (end < 0 ? limit : end) - from;
    if (end < 0) {
      return limit;
    }
    toStart();
    return end + 1;
  }

  private int skipCounted(int from, int limit) {
    int length = Math.min(countedLeft, limit - from);
    countedLeft -= length;
    skippedBytes += length;
    if (countedLeft == 0) {
      toStart();
    }
    return from + length;
  }

  private void tell(byte[] array, int offset, int length) {
    int bytes = withoutTrailer(array, offset, length);
    if (bytes > 0) {
      messages.message(array, offset, bytes, false);
    }
  }

  private void toStart() {
    state = State.START;
    carryBytes = 0;
    if (carry.length > MAX_IDLE_CARRY_BYTES) {
      carry = NONE;
    }
  }

  static int withoutTrailer(byte[] array, int offset, int length) {
    int end = offset + length;
    while (end > offset && isFiller(array[end - 1])) {
      end--;
    }
    return end - offset;
  }

  private static boolean isFiller(byte b) {
    return b == '\n' || b == '\r' || b == 0;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private void append(byte[] array, int offset, int length) {
    int needed = carryBytes + length;
    if (needed > carry.length) {
      int most = Math.max(maxMessageBytes, FIRST_CARRY_BYTES);
      long doubled = Math.max(FIRST_CARRY_BYTES, carry.length * 2L);
      carry = Arrays.copyOf(carry, (int) Math.max(needed, Math.min(doubled, most)));
    }
    System.arraycopy(array, offset, carry, carryBytes, length);
    carryBytes = needed;
  }
}
