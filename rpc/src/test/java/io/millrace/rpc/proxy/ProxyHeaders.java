/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import io.millrace.rpc.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Headers as load balancers send them, and others. Stateless. */
public final class ProxyHeaders {
  public static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
  static final int PROXY = 0x21;
  static final int LOCAL = 0x20;
  static final int TCP4 = 0x11;
  static final int TCP6 = 0x21;
  static final int UDP4 = 0x12;
  static final int UNIX = 0x31;

  /** 10.1.2.3:4567 to 10.0.0.1:4141. */
  static final byte[] IPV4 = HexFormat.of().parseHex("0a0102030a00000111d7102d");

  static final byte[] IPV6 =
      HexFormat.of()
          .parseHex(
              "20010db8000000000000000000000005" + "20010db8000000000000000000000001" + "11d7102d");

  /** 10.1.2.3 in IPv6. */
  static final byte[] IPV4_IN_IPV6 =
      HexFormat.of()
          .parseHex(
              "00000000000000000000ffff0a010203" + "00000000000000000000ffff0a000001" + "11d7102d");

  private ProxyHeaders() {}

  public static byte[] v1(String line) {
    return (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Of a client over IPv4. */
  public static byte[] v2(String client, int port) {
    byte[] addresses = IPV4.clone();
    String[] numbers = client.split("\\.", -1);
    for (int i = 0; i < 4; i++) {
      addresses[i] = (byte) Integer.parseInt(numbers[i]);
    }
    addresses[8] = (byte) (port >> 8);
    addresses[9] = (byte) port;
    return v2(PROXY, TCP4, addresses);
  }

  static byte[] v2(int versionAndCommand, int family, byte[]... rest) {
    byte[] behind = {};
    for (byte[] part : rest) {
      behind = Fuzz.join(behind, part);
    }
    return Fuzz.join(v2Start(versionAndCommand, family, behind.length), behind);
  }

  /** The sixteen bytes in front of the addresses. */
  static byte[] v2Start(int versionAndCommand, int family, int length) {
    return Fuzz.join(
        SIGNATURE,
        new byte[] {(byte) versionAndCommand, (byte) family, (byte) (length >> 8), (byte) length});
  }

  static byte[] tlv(int type, byte[] value) {
    return Fuzz.join(
        new byte[] {(byte) type, (byte) (value.length >> 8), (byte) value.length}, value);
  }

  /** The entry that a load balancer adds about the client's TLS. */
  static byte[] sslTlv(byte[]... entries) {
    byte[] value = {1, 0, 0, 0, 0};
    for (byte[] entry : entries) {
      value = Fuzz.join(value, entry);
    }
    return tlv(0x20, value);
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
