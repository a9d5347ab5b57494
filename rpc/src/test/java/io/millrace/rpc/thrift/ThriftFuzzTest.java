/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millrace.api.EventBatch;
import io.millrace.rpc.session.MalformedMessageException;
import io.millrace.rpc.session.ServerTurn;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that are not what they should be cost an answer or the connection, and no memory. */
class ThriftFuzzTest {
  /** What the first refusals take for classes and texts; the counts on the wire mean far more. */
  private static final long FIXED_BYTES = 512 * 1024;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What became of a message. */
  private enum Fate {
    TAKEN,
    REFUSED,
    ENDED
  }

  @Property(tries = 2000)
  void randomBytesBehindAHeadAreRefusedOrReadAsABatch(
      @ForAll ThriftProtocol protocol, @ForAll long seed) throws Exception {
    Random random = new Random(seed);
    byte[] message = LibThrift.appendBatch(protocol, 1, List.of());
    byte[] noise = new byte[random.nextInt(200)];
    random.nextBytes(noise);
    int kept = random.nextInt(message.length);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(message, 0, kept);
    bytes.writeBytes(noise);
    feed(protocol, bytes.toByteArray());
  }

  @Property(tries = 3000)
  void changedBytesAreRefusedOrReadAsABatch(@ForAll ThriftProtocol protocol, @ForAll long seed)
      throws Exception {
    Random random = new Random(seed);
    byte[] message = LibThrift.appendBatch(protocol, 1, LibThrift.randomEvents(random, 5));
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(Math.min(message.length, 60));
      message[at] = (byte) (random.nextBoolean() ? random.nextInt() : 0xFF);
    }
    feed(protocol, message);
  }

  @ParameterizedTest
  @EnumSource
  void noTruncationIsTakenForTheWhole(ThriftProtocol protocol) throws Exception {
    List<ThriftFlumeEvent> events =
        List.of(
            LibThrift.event(Map.of("name", "value", "k", "v".repeat(200)), new byte[300]),
            LibThrift.event(Map.of(), new byte[0]));
    byte[] message = LibThrift.appendBatch(protocol, 1, events);
    for (int length = 0; length < message.length; length++) {
      assertThat(feed(protocol, Arrays.copyOf(message, length)))
          .as("%d of %d bytes", length, message.length)
          .isNotEqualTo(Fate.TAKEN);
    }
    assertThat(feed(protocol, message)).isEqualTo(Fate.TAKEN);
  }

  @ParameterizedTest
  @EnumSource
  void hugeCountsAndLengthsAreNotBelieved(ThriftProtocol protocol) throws Exception {
    for (int count : new int[] {1 << 20, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      assertRefused(protocol, listOfEvents(protocol, count));
      assertRefused(protocol, headersOf(protocol, count));
      assertRefused(protocol, bodyOf(protocol, count));
      assertRefused(protocol, nameOf(protocol, count));
      for (int type : new int[] {WireType.LIST, WireType.MAP, WireType.SET}) {
        assertRefused(protocol, unknownContainer(protocol, type, count));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void deepNestingIsRefusedAndModerateNestingSkipped(ThriftProtocol protocol) throws Exception {
    assertThat(feed(protocol, nested(protocol, 40))).isEqualTo(Fate.TAKEN);
    assertThat(feed(protocol, nested(protocol, 65))).isEqualTo(Fate.REFUSED);
    assertThat(feed(protocol, nested(protocol, 1_000_000))).isEqualTo(Fate.REFUSED);
  }

  private void assertRefused(ThriftProtocol protocol, byte[] message) throws Exception {
    assertThat(feed(protocol, message)).isNotEqualTo(Fate.TAKEN);
  }

  /**
   * Nothing but the two ways out may happen, and nothing may be allocated for what is not there.
   */
  private Fate feed(ThriftProtocol protocol, byte[] message) throws Exception {
    long mostBytes = 4L * message.length + FIXED_BYTES;
    long before = threads.getCurrentThreadAllocatedBytes();
    Fed fed = accept(protocol, message);
    if (threads.getCurrentThreadAllocatedBytes() - before >= mostBytes) {
      // The first time on a way through the code the JVM allocates for itself.
      before = threads.getCurrentThreadAllocatedBytes();
      fed = accept(protocol, message);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(mostBytes);
    }
    if (fed.batch() != null) {
      byte[] encoded = new byte[fed.batch().encodedBytes()];
      fed.batch().copyTo(encoded, 0);
      assertThat(EventBatch.parse(encoded).eventCount()).isEqualTo(fed.batch().eventCount());
    }
    return fed.fate();
  }

  /**
   * @param batch of a message that was taken, otherwise null
   */
  private record Fed(Fate fate, EventBatch batch) {}

  private static Fed accept(ThriftProtocol protocol, byte[] message) throws Exception {
    try {
      ServerTurn turn = new ThriftServerExchange(protocol).accept(LibThrift.frame(message));
      return turn instanceof ServerTurn.Execute execute
          ? new Fed(Fate.TAKEN, execute.request().batch())
          : new Fed(Fate.REFUSED, null);
    } catch (MalformedMessageException e) {
      return new Fed(Fate.ENDED, null);
    }
  }

  private static ThriftWriter begun(ThriftProtocol protocol, String method) {
    ThriftWriter out = protocol.writer(64);
    out.writeHead(MessageType.CALL, method, 1);
    return out;
  }

  private static byte[] listOfEvents(ThriftProtocol protocol, int count) {
    ThriftWriter out = begun(protocol, "appendBatch");
    out.writeField(WireType.LIST, 1, 0);
    list(protocol, out, WireType.STRUCT, count);
    return out.toBytes();
  }

  private static byte[] headersOf(ThriftProtocol protocol, int count) {
    ThriftWriter out = begun(protocol, "append");
    out.writeField(WireType.STRUCT, 1, 0);
    out.writeField(WireType.MAP, 1, 0);
    out.writeMap(count);
    return out.toBytes();
  }

  private static byte[] bodyOf(ThriftProtocol protocol, int count) {
    ThriftWriter out = begun(protocol, "append");
    out.writeField(WireType.STRUCT, 1, 0);
    out.writeField(WireType.MAP, 1, 0);
    out.writeMap(0);
    out.writeField(WireType.STRING, 2, 1);
    out.writeLength(count);
    return out.toBytes();
  }

  private static byte[] nameOf(ThriftProtocol protocol, int count) {
    ThriftWriter out = protocol.writer(64);
    if (protocol == ThriftProtocol.COMPACT) {
      out.array[out.at++] = (byte) 0x82;
      out.array[out.at++] = 0x21;
      out.array[out.at++] = 1;
    } else {
      out.writeInt32(0x80010001);
    }
    out.writeLength(count);
    return out.toBytes();
  }

  private static byte[] unknownContainer(ThriftProtocol protocol, int type, int count) {
    ThriftWriter out = begun(protocol, "append");
    out.writeField(type == WireType.SET ? WireType.LIST : type, 9, 0);
    if (type == WireType.MAP) {
      out.writeMap(count);
    } else {
      list(protocol, out, WireType.I32, count);
    }
    return out.toBytes();
  }

  private static void list(ThriftProtocol protocol, ThriftWriter out, int type, int count) {
    if (protocol == ThriftProtocol.COMPACT && count < 0) {
      // The writer takes a negative count for a short one.
      out.writeLength(type == WireType.STRUCT ? 0xFC : 0xF5);
      out.at--;
      out.array[out.at - 1] = (byte) (type == WireType.STRUCT ? 0xFC : 0xF5);
      out.writeLength(count);
    } else {
      out.writeList(type, count);
    }
  }

  /** A list in a list in a list, then the event. */
  private static byte[] nested(ThriftProtocol protocol, int levels) {
    ThriftWriter out = begun(protocol, "append");
    out.ensure(8L * levels + 64);
    out.writeField(WireType.LIST, 1, 0);
    for (int i = 1; i < levels; i++) {
      out.writeList(WireType.LIST, 1);
    }
    out.writeList(WireType.I32, 0);
    out.writeField(WireType.STRUCT, 1, 1);
    out.writeField(WireType.MAP, 1, 0);
    out.writeMap(0);
    out.writeField(WireType.STRING, 2, 1);
    out.writeLength(0);
    out.writeStop();
    out.writeStop();
    return out.toBytes();
  }
}
