/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** What a message is; the codes are those of both encodings. */
enum MessageType {
  CALL(1),
  REPLY(2),
  EXCEPTION(3),
  ONEWAY(4);

  private static final MessageType[] BY_CODE = {null, CALL, REPLY, EXCEPTION, ONEWAY};

  private final int code;

  MessageType(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static MessageType of(int code) throws MalformedThriftException {
    if (code < 1 || code >= BY_CODE.length) {
      throw new MalformedThriftException("message type: " + code + " (expected: 1 to 4)");
    }
    return BY_CODE[code];
  }
}
