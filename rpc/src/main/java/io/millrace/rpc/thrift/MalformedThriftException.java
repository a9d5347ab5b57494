/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** Bytes that are not what they should be in Thrift. */
final class MalformedThriftException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedThriftException(String message) {
    super(message);
  }
}
