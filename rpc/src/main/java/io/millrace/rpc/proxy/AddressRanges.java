/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Addresses and networks such as {@code 10.1.0.0/16}. No name is ever looked up. Immutable. */
public final class AddressRanges {
  /** More are a mistake, and each new connection is compared with all of them. */
  public static final int MAX_RANGES = 1000;

  public static final AddressRanges NONE = new AddressRanges(List.of());

  private final List<IpSubnetFilterRule> ranges;

  private AddressRanges(List<IpSubnetFilterRule> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /**
   * Reads addresses, each with or without the length of its prefix; blank texts are left out.
   *
   * @throws IllegalArgumentException when one is not of that form, or there are too many
   */
  public static AddressRanges parse(List<String> texts) {
    List<IpSubnetFilterRule> ranges = new ArrayList<>();
    for (String text : texts) {
      if (!text.isBlank()) {
        ranges.add(range(text.trim()));
      }
    }
    if (ranges.size() > MAX_RANGES) {
      throw new IllegalArgumentException(
          ranges.size() + " ranges (expected: at most " + MAX_RANGES + ")");
    }
    return new AddressRanges(ranges);
  }

  private static IpSubnetFilterRule range(String text) {
    int slash = text.indexOf('/');
    byte[] bytes =
        NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
    if (bytes == null) {
      throw malformed(text);
    }
    int prefixBits = slash < 0 ? bytes.length * 8 : prefixBits(text.substring(slash + 1));
    try {
      // IPv4 in IPv6 becomes IPv4, as it does where addresses come from.
      InetAddress address = InetAddress.getByAddress(bytes);
      int addressBits = address.getAddress().length * 8;
      prefixBits -= bytes.length * 8 - addressBits;
      if (prefixBits < 0 || prefixBits > addressBits) {
        throw malformed(text);
      }
      return new IpSubnetFilterRule(address, prefixBits, IpFilterRuleType.ACCEPT);
    } catch (UnknownHostException e) {
      throw malformed(text);
    }
  }

  /** -1 when it is no number of bits. */
  private static int prefixBits(String text) {
    return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'" + text + "' (expected: an address such as 10.1.2.3, or a network such as 10.1.0.0/16)");
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  public boolean contains(InetAddress address) {
    InetSocketAddress socketAddress = new InetSocketAddress(address, 0);
    return ranges.stream().anyMatch(range -> range.matches(socketAddress));
  }
}
