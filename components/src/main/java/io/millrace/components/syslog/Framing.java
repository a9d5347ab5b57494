/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

/** How messages are told apart in a stream (RFC 6587). */
public enum Framing {
  /** Each message says by its beginning: digits, a blank and {@code <} are an octet count. */
  AUTO,
  /** A line feed ends each message. */
  NEWLINE,
  /** A count is in front of each message; what does not begin with one goes up to a line feed. */
  OCTET_COUNTING
}
