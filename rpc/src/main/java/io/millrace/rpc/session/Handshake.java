/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import java.util.Map;
import java.util.Optional;

/** The two records of Avro's handshake. */
final class Handshake {
  /** Longest protocol text that is taken from a peer; Flume's has 1,300 bytes. */
  static final int MAX_PROTOCOL_BYTES = 64 * 1024;

  /**
   * Key of the handshake's meta by which Millrace peers know each other; its value is one byte, the
   * version. Version 1: the server carries out the calls of a connection in their order. It stands
   * in an answer only when it stood in the request, so that Flume peers get what Flume sends them.
   */
  static final String HOP_KEY = "millrace.hop";

  private static final Map<String, byte[]> HOP_META = Map.of(HOP_KEY, new byte[] {1});

  enum Match {
    BOTH,
    CLIENT,
    NONE
  }

  private Handshake() {}

  record Request(
      ProtocolHash clientHash,
      Optional<String> clientProtocol,
      ProtocolHash serverHash,
      boolean isMillrace) {
    static Request read(MessageReader reader) throws MalformedMessageException {
      ProtocolHash clientHash = reader.readHash("handshake clientHash");
      Optional<String> protocol =
          reader.readIndex(2, "handshake clientProtocol branch") == 0
              ? Optional.empty()
              : Optional.of(reader.readString(MAX_PROTOCOL_BYTES, "handshake clientProtocol"));
      ProtocolHash serverHash = reader.readHash("handshake serverHash");
      return new Request(clientHash, protocol, serverHash, readIsMillrace(reader));
    }

    void writeTo(MessageWriter writer) {
      writer.writeHash(clientHash);
      if (clientProtocol.isPresent()) {
        writer.writeLong(1).writeString(clientProtocol.get());
      } else {
        writer.writeLong(0);
      }
      writer.writeHash(serverHash).writeLong(1).writeMetadata(isMillrace ? HOP_META : Map.of());
    }
  }

  /** {@code serverHash} is empty when the server sent none. */
  record Response(Match match, Optional<ProtocolHash> serverHash, boolean isMillrace) {
    static Response read(MessageReader reader) throws MalformedMessageException {
      Match match = Match.values()[reader.readIndex(Match.values().length, "handshake match")];
      if (reader.readIndex(2, "handshake serverProtocol branch") == 1) {
        // Not needed: whatever the server's text says, its answers are checked as they come.
        reader.skipBytes(MAX_PROTOCOL_BYTES, "handshake serverProtocol");
      }
      Optional<ProtocolHash> serverHash =
          reader.readIndex(2, "handshake serverHash branch") == 0
              ? Optional.empty()
              : Optional.of(reader.readHash("handshake serverHash"));
      return new Response(match, serverHash, readIsMillrace(reader));
    }

    /** With our protocol and its hash, or without. */
    static byte[] encode(Match match, boolean withProtocol, boolean toMillrace) {
      MessageWriter writer = new MessageWriter().writeLong(match.ordinal());
      if (withProtocol) {
        writer
            .writeLong(1)
            .writeString(EventProtocol.TEXT)
            .writeLong(1)
            .writeHash(EventProtocol.HASH);
      } else {
        writer.writeLong(0).writeLong(0);
      }
      if (toMillrace) {
        writer.writeLong(1).writeMetadata(HOP_META);
      } else {
        writer.writeLong(0);
      }
      return writer.toBytes();
    }
  }

  private static boolean readIsMillrace(MessageReader reader) throws MalformedMessageException {
    return reader.readIndex(2, "handshake meta branch") == 1
        && reader.readMetadata("handshake meta").containsKey(HOP_KEY);
  }
}
