/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.rpc.frame.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.flume.thrift.ThriftSourceProtocol;
import org.apache.thrift.TBase;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.apache.thrift.transport.TTransport;

/** Messages as Thrift's own library writes and reads them. Stateless. */
final class LibThrift {
  private LibThrift() {}

  static TProtocol over(ThriftProtocol protocol, TTransport transport) {
    return protocol == ThriftProtocol.COMPACT
        ? new TCompactProtocol(transport)
        : new TBinaryProtocol(transport);
  }

  /** What {@code writing} writes. */
  static byte[] bytes(ThriftProtocol protocol, Writing writing) {
    try {
      TMemoryBuffer buffer = new TMemoryBuffer(64);
      writing.to(over(protocol, buffer));
      return Arrays.copyOf(buffer.getArray(), buffer.length());
    } catch (TException e) {
      throw new IllegalStateException(e);
    }
  }

  interface Writing {
    void to(TProtocol out) throws TException;
  }

  static byte[] message(
      ThriftProtocol protocol, byte type, String name, int sequenceId, TBase<?, ?> struct) {
    return bytes(
        protocol,
        out -> {
          out.writeMessageBegin(new TMessage(name, type, sequenceId));
          struct.write(out);
          out.writeMessageEnd();
        });
  }

  static byte[] append(ThriftProtocol protocol, int sequenceId, ThriftFlumeEvent event) {
    return message(
        protocol,
        TMessageType.CALL,
        "append",
        sequenceId,
        new ThriftSourceProtocol.append_args(event));
  }

  static byte[] appendBatch(
      ThriftProtocol protocol, int sequenceId, List<ThriftFlumeEvent> events) {
    return message(
        protocol,
        TMessageType.CALL,
        "appendBatch",
        sequenceId,
        new ThriftSourceProtocol.appendBatch_args(events));
  }

  /** Reads a message of this type and sequence id. */
  static <T extends TBase<?, ?>> T read(
      ThriftProtocol protocol, byte[] message, byte type, int sequenceId, T struct) {
    try {
      TMemoryInputTransport transport = new TMemoryInputTransport(message);
      TProtocol in = over(protocol, transport);
      TMessage head = in.readMessageBegin();
      if (head.type != type || head.seqid != sequenceId) {
        throw new IllegalStateException("unexpected " + head);
      }
      struct.read(in);
      in.readMessageEnd();
      if (transport.getBytesRemainingInBuffer() != 0) {
        throw new IllegalStateException("bytes are left");
      }
      return struct;
    } catch (TException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The message as a frame holds it. */
  static Frame frame(byte[] message) {
    return new Frame(0, message, message.length);
  }

  /** The message in a frame of ours. */
  static byte[] unframed(byte[] frame) {
    int length = ByteBuffer.wrap(frame).getInt();
    if (length != frame.length - 4) {
      throw new IllegalStateException("length: " + length + " of " + frame.length + " bytes");
    }
    return Arrays.copyOfRange(frame, 4, frame.length);
  }

  static ThriftFlumeEvent event(Map<String, String> headers, byte[] body) {
    return new ThriftFlumeEvent(headers, ByteBuffer.wrap(body));
  }

  static List<ThriftFlumeEvent> events(EventBatch batch) {
    List<ThriftFlumeEvent> events = new ArrayList<>();
    for (EventView view : batch) {
      events.add(event(view.headers(), view.body()));
    }
    return events;
  }

  /** Events of all sizes at which a length changes its own length. */
  static List<ThriftFlumeEvent> randomEvents(Random random, int maxEvents) {
    List<ThriftFlumeEvent> events = new ArrayList<>();
    for (int i = random.nextInt(maxEvents + 1); i > 0; i--) {
      Map<String, String> headers = new LinkedHashMap<>();
      for (int h = random.nextInt(10) == 0 ? random.nextInt(200) : random.nextInt(4); h > 0; h--) {
        headers.put(randomText(random), randomText(random));
      }
      byte[] body = new byte[randomLength(random)];
      random.nextBytes(body);
      events.add(event(headers, body));
    }
    return events;
  }

  private static String randomText(Random random) {
    String alphabet = "abcXYZ 09.é€\uD83D\uDE00";
    StringBuilder text = new StringBuilder();
    int[] letters = alphabet.codePoints().toArray();
    for (int i = randomLength(random) % 300; i > 0; i--) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }

  private static int randomLength(Random random) {
    int[] around = {0, 1, 14, 63, 64, 127, 128, 8191, 8192, 16384};
    int base = around[random.nextInt(random.nextInt(20) == 0 ? around.length : 7)];
    return Math.max(0, base + random.nextInt(3) - 1);
  }
}
