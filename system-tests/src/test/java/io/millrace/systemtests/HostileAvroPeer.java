/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;

/**
 * A kind of hostile peer of an Avro port. Immutable.
 *
 * @param connections how many of it come
 * @param metrics by which it is counted, in sum
 * @param countedAtLeast how often
 */
record HostileAvroPeer(
    String name,
    Listener listener,
    int connections,
    Behaviour behaviour,
    List<String> metrics,
    int countedAtLeast) {

  /** The port that it comes to. */
  enum Listener {
    PLAIN(Link.PLAIN),
    TLS(Link.TLS),
    DEFLATE(Link.DEFLATE);

    private final Link link;

    Listener(Link link) {
      this.link = link;
    }

    Link link() {
      return link;
    }

    String component() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** What it does once it is connected; the connection stays open afterwards. */
  @FunctionalInterface
  interface Behaviour {
    void act(Socket socket) throws IOException;
  }

  /** Does nothing, for ever. */
  static final Behaviour SILENT = socket -> {};

  private static final String HASH = "86aadae2c45474c0fe93ffd0f2350a65";
  private static final String HANDSHAKE = HASH + "00" + HASH + "00";
  private static final List<String> NO_FRAME =
      List.of("FramesRejectedMalformed", "FramesRejectedTooLarge");

  static List<HostileAvroPeer> all(Random random) {
    byte[] garbage = new byte[64 * 1024];
    random.nextBytes(garbage);
    byte[] tls10 = hex("16 0301 002f 01 00002b 0301", "00".repeat(32), "00 0004 002f0035 01 00");
    return List.of(
        plain("idle connections, more than allowed", 2600, SILENT, "ConnectionsRefusedPeerLimit"),
        plain("idle connections", 2000, SILENT, "ConnectionsClosedHandshakeTimeout", 2000),
        plain("random bytes", 40, sends(garbage), NO_FRAME),
        plain("a negative count", 5, sends(ints(1, -1)), "FramesRejectedMalformed"),
        plain("a negative length", 5, sends(ints(1, 1, -5)), "FramesRejectedMalformed"),
        plain("a huge count", 5, sends(ints(1, Integer.MAX_VALUE)), "FramesRejectedTooLarge"),
        plain("a huge length", 5, sends(ints(1, 1, 2_000_000_000)), "FramesRejectedTooLarge"),
        plain(
            "half a request, then silence",
            5,
            sends(Arrays.copyOf(frame(hex(HANDSHAKE), new byte[500]), 300)),
            "ConnectionsClosedSlow"),
        plain("just above the lowest rate", 3, HostileAvroPeer::dribble, "ConnectionsClosedSlow"),
        plain(
            "never reads its answers",
            3,
            HostileAvroPeer::askWithoutListening,
            "ConnectionsClosedUnread"),
        plain("TLS to a plain port", 5, sends(tls10), NO_FRAME),
        plain("HTTP", 5, sends(ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), NO_FRAME),
        plain(
            "a protocol that nobody knows",
            5,
            sends(frame(hex("42".repeat(16), "00", HASH, "00 00"), new byte[0])),
            "ConnectionsClosedHandshakeTimeout"),
        plain("no handshake", 5, sends(frame(new byte[10])), "FramesRejectedMalformed"),
        plain(
            "a handshake with 2^40 entries",
            5,
            sends(frame(hex(HASH, "00", HASH, "02 808080808040"))),
            "FramesRejectedMalformed"),
        plain(
            "an unknown message",
            5,
            sends(frame(hex(HANDSHAKE, "00 06 666f6f"))),
            "RequestsRejectedUnknownMessage"),
        plain(
            "2^40 events",
            5,
            sends(frame(hex(HANDSHAKE, "00 16 617070656e644261746368 808080808040"))),
            "RequestsRejectedMalformed"),
        plain(
            "half requests that fill the budget",
            30,
            sends(Arrays.copyOf(frame(new byte[1_000_000]), 900_000)),
            List.of(
                "ConnectionsClosedBudget",
                "ConnectionsClosedSlow",
                // Who was paused for as long has not made one either.
                "ConnectionsClosedHandshakeTimeout")),
        at(Listener.TLS, "plain bytes to a TLS port", sends(frame(new byte[50]))),
        at(Listener.TLS, "half a TLS hello", sends(Arrays.copyOf(tls10, 20))),
        at(Listener.TLS, "TLS 1.0", sends(tls10)),
        at(Listener.TLS, "silence at a TLS port", SILENT),
        at(Listener.DEFLATE, "plain bytes to a zlib port", sends(frame(new byte[50]))),
        at(Listener.DEFLATE, "a zlib bomb", sends(bomb(100 << 20))),
        at(Listener.DEFLATE, "a zlib bomb in a zlib bomb", sends(deflated(bomb(100 << 20)))),
        at(Listener.DEFLATE, "a broken zlib stream", sends(broken(bomb(1 << 20)))));
  }

  private static HostileAvroPeer plain(
      String name, int connections, Behaviour behaviour, String metric) {
    int counted = Math.min(connections, 5);
    return plain(name, connections, behaviour, metric, counted);
  }

  private static HostileAvroPeer plain(
      String name, int connections, Behaviour behaviour, String metric, int counted) {
    return new HostileAvroPeer(
        name, Listener.PLAIN, connections, behaviour, List.of(metric), counted);
  }

  private static HostileAvroPeer plain(
      String name, int connections, Behaviour behaviour, List<String> metrics) {
    return new HostileAvroPeer(
        name, Listener.PLAIN, connections, behaviour, metrics, Math.min(connections, 5));
  }

  private static HostileAvroPeer at(Listener listener, String name, Behaviour behaviour) {
    // Silence is ended by whichever comes first, the TLS handshake's time or the request's.
    List<String> metrics =
        listener == Listener.TLS
            ? List.of("ConnectionsClosedTls", "ConnectionsClosedHandshakeTimeout")
            : NO_FRAME;
    return new HostileAvroPeer(name, listener, 5, behaviour, metrics, 5);
  }

  private static Behaviour sends(byte[] bytes) {
    return socket -> socket.getOutputStream().write(bytes);
  }

  /** Three times the lowest rate, until it is thrown out. */
  private static void dribble(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(frame(hex(HANDSHAKE, "00 06 666f6f")));
    out.write(ints(1, 1, 1 << 20));
    for (int i = 0; i < 300; i++) {
      out.write(new byte[300]);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  /** Asks for more answers than any buffer holds, and leaves a request half sent. */
  private static void askWithoutListening(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(frame(hex(HANDSHAKE, "00 06 666f6f")));
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 2000; i++) {
      many.writeBytes(frame(hex("00 06 666f6f")));
    }
    for (int i = 0; i < 200; i++) {
      many.writeTo(out);
    }
    out.write(ints(1, 1, 1000));
  }

  /** A frame of this many zeros in a message of a million bytes, and then no frame. */
  private static byte[] bomb(int bytes) {
    byte[] plain = new byte[bytes];
    ByteBuffer.wrap(plain).putInt(1).putInt(1).putInt(1_000_000);
    Arrays.fill(plain, 12 + 1_000_000, bytes, (byte) -1);
    return deflated(plain);
  }

  private static byte[] deflated(byte[] plain) {
    Deflater deflater = new Deflater(9);
    deflater.setInput(plain);
    byte[] packed = new byte[plain.length / 100 + 10_000];
    int bytes = deflater.deflate(packed, 0, packed.length, Deflater.SYNC_FLUSH);
    deflater.end();
    return Arrays.copyOf(packed, bytes);
  }

  private static byte[] broken(byte[] packed) {
    Arrays.fill(packed, 100, 120, (byte) 0xff);
    return packed;
  }

  private static byte[] frame(byte[]... buffers) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(ints(1, buffers.length));
    for (byte[] buffer : buffers) {
      frame.writeBytes(ints(buffer.length));
      frame.writeBytes(buffer);
    }
    return frame.toByteArray();
  }

  private static byte[] ints(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
    bytes.asIntBuffer().put(numbers);
    return bytes.array();
  }

  private static byte[] hex(String... parts) {
    return HexFormat.of().parseHex(String.join("", parts).replace(" ", ""));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
