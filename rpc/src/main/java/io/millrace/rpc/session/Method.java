/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

/** The calls of the protocol. */
public enum Method {
  APPEND("append"),
  APPEND_BATCH("appendBatch");

  private final String wireName;

  Method(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }
}
