/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import java.util.Objects;

/** What a call is answered with. Immutable. */
public sealed interface Answer {
  /** A status of the protocol. */
  enum Status implements Answer {
    OK,
    FAILED,
    /** Part of the protocol; nobody sends it. */
    UNKNOWN
  }

  /**
   * The call failed as a call; the text says why.
   *
   * @param isPermanent whether these events will never be taken as they are, so that sending them
   *     again is in vain. Millrace tells it to Millrace, see {@link PendingCall}; from a Flume peer
   *     it is always false, for what its errors mean is not known.
   */
  record CallError(String text, boolean isPermanent) implements Answer {
    /** Longest text, in characters, that is sent or kept. */
    public static final int MAX_TEXT_CHARS = 1000;

    /** An error that time may cure. */
    public CallError(String text) {
      this(text, false);
    }

    /** These events will never be taken as they are. */
    public static CallError permanent(String text) {
      return new CallError(text, true);
    }

    public CallError {
      Objects.requireNonNull(text, "text");
      if (text.length() > MAX_TEXT_CHARS) {
        text = text.substring(0, MAX_TEXT_CHARS);
      }
    }
  }
}
