/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

/** Bytes that are not what they should be by the format. */
final class UndecodableException extends Exception {
  private static final long serialVersionUID = 1L;

  UndecodableException(String message) {
    super(message);
  }
}
