/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.FrameEncoder;
import java.util.Map;

/**
 * A call of Avro RPC that waits for its answer. Immutable.
 *
 * <p>A permanent refusal carries {@link #REFUSED_KEY} in the answer's call metadata when the peer
 * is Millrace, so that it does not send the same events for ever. Every other answer is what Flume
 * would send.
 */
final class AvroCall implements PendingCall {
  /** Key of the answer's metadata; its value is one byte, see below. */
  static final String REFUSED_KEY = "millrace.refused";

  /** The connection goes on. */
  static final byte REFUSED = 1;

  /** Nothing that comes behind the refused request on this connection is read. */
  static final byte REFUSED_AND_LAST = 2;

  private static final byte[] NO_METADATA = {0};
  private static final byte[][] STATUS = {{0, 0}, {0, 2}, {0, 4}};

  private final int serial;
  private final byte[] handshake;
  private final boolean isFromMillrace;

  AvroCall(int serial, byte[] handshake, boolean isFromMillrace) {
    this.serial = serial;
    this.handshake = handshake;
    this.isFromMillrace = isFromMillrace;
  }

  byte[] handshake() {
    return handshake;
  }

  /** In three buffers, as the Java library sends it. */
  @Override
  public byte[] answer(Answer answer) {
    boolean isPermanent = answer instanceof Answer.CallError error && error.isPermanent();
    return FrameEncoder.frame(
        serial, handshake, isPermanent ? metadata(REFUSED) : NO_METADATA, payload(answer));
  }

  /** As {@link #answer}, when this is the last request of its connection that is read. */
  byte[] lastAnswer(Answer.CallError refusal) {
    return FrameEncoder.frame(serial, handshake, metadata(REFUSED_AND_LAST), payload(refusal));
  }

  private byte[] metadata(byte refusal) {
    return isFromMillrace
        ? new MessageWriter().writeMetadata(Map.of(REFUSED_KEY, new byte[] {refusal})).toBytes()
        : NO_METADATA;
  }

  private static byte[] payload(Answer answer) {
    if (answer instanceof Answer.Status status) {
      return STATUS[status.ordinal()];
    }
    Answer.CallError error = (Answer.CallError) answer;
    return new MessageWriter().writeBoolean(true).writeLong(0).writeString(error.text()).toBytes();
  }
}
