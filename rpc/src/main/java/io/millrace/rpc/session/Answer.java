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

  /** The call failed as a call; the text says why. */
  record CallError(String text) implements Answer {
    /** Longest text, in characters, that is sent or kept. */
    public static final int MAX_TEXT_CHARS = 1000;

    public CallError {
      Objects.requireNonNull(text, "text");
      if (text.length() > MAX_TEXT_CHARS) {
        text = text.substring(0, MAX_TEXT_CHARS);
      }
    }
  }
}
