/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.FrameEncoder;

/** A call of Avro RPC that waits for its answer. Immutable. */
final class AvroCall implements PendingCall {
  private static final byte[] NO_METADATA = {0};
  private static final byte[][] STATUS = {{0, 0}, {0, 2}, {0, 4}};

  private final int serial;
  private final byte[] handshake;

  AvroCall(int serial, byte[] handshake) {
    this.serial = serial;
    this.handshake = handshake;
  }

  byte[] handshake() {
    return handshake;
  }

  /** In three buffers, as the Java library sends it. */
  @Override
  public byte[] answer(Answer answer) {
    return FrameEncoder.frame(serial, handshake, NO_METADATA, payload(answer));
  }

  private static byte[] payload(Answer answer) {
    if (answer instanceof Answer.Status status) {
      return STATUS[status.ordinal()];
    }
    Answer.CallError error = (Answer.CallError) answer;
    return new MessageWriter().writeBoolean(true).writeLong(0).writeString(error.text()).toBytes();
  }
}
