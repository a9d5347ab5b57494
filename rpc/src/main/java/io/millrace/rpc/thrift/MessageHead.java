/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** The beginning of a message. Immutable. */
record MessageHead(MessageType type, String name, int sequenceId) {
  /** Longest name that is read. */
  static final int MAX_NAME_BYTES = 256;
}
