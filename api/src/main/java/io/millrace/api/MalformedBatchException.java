/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/** Bytes that are not the Avro encoding they should be. Nothing was allocated on their word. */
public final class MalformedBatchException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedBatchException(String message) {
    super(message);
  }
}
