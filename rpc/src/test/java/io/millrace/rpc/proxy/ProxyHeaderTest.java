/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import static io.millrace.rpc.proxy.ProxyHeaders.IPV4;
import static io.millrace.rpc.proxy.ProxyHeaders.IPV4_IN_IPV6;
import static io.millrace.rpc.proxy.ProxyHeaders.IPV6;
import static io.millrace.rpc.proxy.ProxyHeaders.LOCAL;
import static io.millrace.rpc.proxy.ProxyHeaders.PROXY;
import static io.millrace.rpc.proxy.ProxyHeaders.TCP4;
import static io.millrace.rpc.proxy.ProxyHeaders.TCP6;
import static io.millrace.rpc.proxy.ProxyHeaders.UDP4;
import static io.millrace.rpc.proxy.ProxyHeaders.UNIX;
import static io.millrace.rpc.proxy.ProxyHeaders.sslTlv;
import static io.millrace.rpc.proxy.ProxyHeaders.text;
import static io.millrace.rpc.proxy.ProxyHeaders.tlv;
import static io.millrace.rpc.proxy.ProxyHeaders.v1;
import static io.millrace.rpc.proxy.ProxyHeaders.v2;
import static io.millrace.rpc.proxy.ProxyHeaders.v2Start;
import static io.millrace.rpc.proxy.ProxyWire.PROXY_ADDRESS;
import static io.millrace.rpc.proxy.ProxyWire.address;
import static io.millrace.rpc.proxy.ProxyWire.optional;
import static io.millrace.rpc.proxy.ProxyWire.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.rpc.Fuzz;
import io.millrace.rpc.proxy.ProxyListener.Fault;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What stands in front of a connection. Each case checks that no buffer is left over. */
class ProxyHeaderTest {
  private static final InetSocketAddress CLIENT = address("10.1.2.3", 4567);
  private static final byte[] PAYLOAD = text("\0\0\0\1 and so on");

  /** Good headers, and the client they name. */
  private static Map<byte[], InetSocketAddress> good() {
    Map<byte[], InetSocketAddress> good = new LinkedHashMap<>();
    good.put(v1("PROXY TCP4 10.1.2.3 10.0.0.1 4567 4141"), CLIENT);
    good.put(v1("PROXY TCP6 2001:db8::5 2001:db8::1 4567 4141"), address("2001:db8::5", 4567));
    good.put(v1("PROXY TCP6 ::ffff:10.1.2.3 ::ffff:10.0.0.1 4567 4141"), CLIENT);
    good.put(v1("PROXY UNKNOWN"), PROXY_ADDRESS);
    good.put(v1("PROXY UNKNOWN ffff::1 ffff::2 65535 65535"), PROXY_ADDRESS);
    good.put(v2(PROXY, TCP4, IPV4), CLIENT);
    good.put(v2(PROXY, TCP6, IPV6), address("2001:db8::5", 4567));
    good.put(v2(PROXY, TCP6, IPV4_IN_IPV6), CLIENT);
    good.put(v2(LOCAL, 0), PROXY_ADDRESS);
    good.put(v2(LOCAL, TCP4, IPV4), PROXY_ADDRESS);
    good.put(v2(PROXY, 0, new byte[20]), PROXY_ADDRESS);
    good.put(v2(PROXY, UDP4, IPV4), PROXY_ADDRESS);
    good.put(v2(PROXY, UNIX, new byte[216]), PROXY_ADDRESS);
    good.put(
        v2(
            PROXY,
            TCP4,
            IPV4,
            tlv(2, text("collector.example")),
            sslTlv(tlv(0x21, text("TLSv1.3")), tlv(0x22, text("agent")))),
        CLIENT);
    good.put(v2(PROXY, TCP4, IPV4, tlv(0xEA, new byte[1800])), CLIENT);
    return good;
  }

  @Test
  void aHeaderNamesTheClientAndIsTakenOff() {
    good()
        .forEach(
            (header, client) -> {
              ProxyWire wire = new ProxyWire(required()).send(Fuzz.join(header, PAYLOAD));
              assertThat(wire.clients).containsExactly(client);
              assertThat(wire.passed()).isEqualTo(PAYLOAD);
              assertThat(wire.faults).isEmpty();
              wire.send(PAYLOAD);
              assertThat(wire.passed()).isEqualTo(Fuzz.join(PAYLOAD, PAYLOAD));
              assertThat(wire.handlers()).as("handlers that stay in the way").isOne();
              assertThat(wire.heldBytesAfterEnd()).isZero();
            });
  }

  @Test
  void aHeaderInSingleBytesIsTakenAsWell() {
    good()
        .forEach(
            (header, client) -> {
              ProxyWire wire = new ProxyWire(required());
              for (byte b : Fuzz.join(header, PAYLOAD)) {
                wire.send(new byte[] {b});
              }
              assertThat(wire.clients).containsExactly(client);
              assertThat(wire.passed()).isEqualTo(PAYLOAD);
              assertThat(wire.heldBytesAfterEnd()).isZero();
            });
  }

  @Test
  void whatIsBehindTheHeaderWaitsUntilTheClientMayStay() {
    ProxyWire wire = new ProxyWire(required(), false);
    wire.send(Fuzz.join(v2(PROXY, TCP4, IPV4), PAYLOAD), PAYLOAD);
    assertThat(wire.clients).containsExactly(CLIENT);
    assertThat(wire.passed()).isEmpty();
    wire.goOn();
    wire.send(PAYLOAD);
    assertThat(wire.passed()).isEqualTo(Fuzz.join(Fuzz.join(PAYLOAD, PAYLOAD), PAYLOAD));
    assertThat(wire.heldBytesAfterEnd()).isZero();
  }

  @Test
  void aClientThatMayNotStayLeavesNothingBehind() {
    ProxyWire wire = new ProxyWire(required(), false);
    wire.send(Fuzz.join(v2(PROXY, TCP4, IPV4), PAYLOAD), PAYLOAD);
    wire.channel.close();
    wire.goOn();
    assertThat(wire.passed()).isEmpty();
    assertThat(wire.heldBytesAfterEnd()).isZero();
  }

  @Test
  void aSecondHeaderIsTheClientsOwnBytes() {
    byte[] second = v2(PROXY, TCP6, IPV6);
    ProxyWire wire = new ProxyWire(required());
    wire.send(Fuzz.join(v2(PROXY, TCP4, IPV4), second));
    assertThat(wire.clients).containsExactly(CLIENT);
    assertThat(wire.passed()).isEqualTo(second);
  }

  @Test
  void whatIsNoHeaderIsRefusedAtItsFirstByteWhereOneIsRequired() {
    for (byte[] other :
        List.of(PAYLOAD, text("G"), text("PROXX"), new byte[] {0x16}, text("\r\nX"))) {
      assertFault(required(), Fault.MISSING, other);
    }
  }

  @Test
  void malformedHeadersAreRefused() {
    List<byte[]> malformed =
        List.of(
            v1("PROXY TCP4 10.1.2.3 10.0.0.1 4567"),
            v1("PROXY TCP4 10.1.2.3 10.0.0.1 4567 4141 1"),
            v1("PROXY TCP4 10.1.2.300 10.0.0.1 4567 4141"),
            v1("PROXY TCP4 a.example 10.0.0.1 4567 4141"),
            v1("PROXY TCP4 2001:db8::5 2001:db8::1 4567 4141"),
            v1("PROXY TCP4 10.1.2.3 10.0.0.1 65536 4141"),
            v1("PROXY TCP4 10.1.2.3 10.0.0.1 -1 4141"),
            v1("PROXY UDP4 10.1.2.3 10.0.0.1 4567 4141"),
            v1("PROXY nonsense"),
            text("PROXY UNKNOWN" + "x".repeat(200)),
            v2(0x11, TCP4, IPV4),
            v2(0x31, TCP4, IPV4),
            v2(0x01, TCP4, IPV4),
            v2(0xF1, TCP4, IPV4),
            v2(0x22, TCP4, IPV4),
            v2(PROXY, 0x41, IPV4),
            v2(PROXY, 0x13, IPV4),
            v2(PROXY, TCP4, new byte[11]),
            v2(PROXY, TCP6, IPV4),
            v2(PROXY, UNIX, IPV4),
            v2(PROXY, TCP4, IPV4, tlv(0x20, new byte[2])),
            v2(PROXY, TCP4, IPV4, new byte[] {2, 0x7f, 0x7f, 0}),
            v2(PROXY, TCP4, IPV4, sslTlv(new byte[] {0x21, 0x7f, 0x7f, 0})));
    for (byte[] header : malformed) {
      assertFault(required(), Fault.MALFORMED, header);
      assertFault(optional(), Fault.MALFORMED, header);
    }
  }

  @Test
  void aVersionByteThatLooksLikeNothingHasComeDoesNotCollectForEver() {
    assertFault(required(), Fault.MALFORMED, v2(0xFF, TCP4, IPV4));
  }

  @Test
  void aHugeLengthTakesNoMoreThanItsBound() {
    ProxyWire wire = new ProxyWire(required());
    wire.send(v2Start(PROXY, TCP4, 65_535));
    long most = 0;
    for (int i = 0; i < 70 && wire.isOpen(); i++) {
      wire.send(new byte[1000]);
      most = Math.max(most, wire.heldBytes());
    }
    assertThat(wire.faults).containsExactly(Fault.MALFORMED);
    assertThat(most).isLessThan(8 * ProxyHeader.MAX_TLV_BYTES);
    assertThat(wire.heldBytesAfterEnd()).isZero();
  }

  @Test
  void nestedEntriesAreBounded() {
    byte[] nested = tlv(2, text("x"));
    while (nested.length < 1900) {
      nested = sslTlv(nested);
    }
    ProxyWire wire = new ProxyWire(required()).send(v2(PROXY, TCP4, IPV4, nested));
    assertThat(wire.clients.size() + wire.faults.size()).isOne();
    assertThat(wire.heldBytesAfterEnd()).isZero();
  }

  @Test
  void aHeaderThatDoesNotComeOrDoesNotEndIsNotWaitedForForEver() {
    byte[] whole = v2(PROXY, TCP4, IPV4);
    for (int length = 0; length < whole.length; length++) {
      ProxyWire wire = new ProxyWire(required());
      if (length > 0) {
        wire.send(Arrays.copyOf(whole, length));
      }
      pass(wire, 9);
      assertThat(wire.faults).isEmpty();
      pass(wire, 2);
      assertThat(wire.faults).containsExactly(Fault.TIMED_OUT);
      assertThat(wire.isOpen()).isFalse();
      assertThat(wire.heldBytesAfterEnd()).isZero();
    }
  }

  @Test
  void onceTheHeaderIsThereNobodyIsTimedOut() {
    ProxyWire wire = new ProxyWire(required()).send(v2(PROXY, TCP4, IPV4));
    pass(wire, 60);
    assertThat(wire.isOpen()).isTrue();
    wire = new ProxyWire(required(), false).send(v2(PROXY, TCP4, IPV4));
    pass(wire, 60);
    assertThat(wire.isOpen()).as("while the filter decides").isTrue();
  }

  @Test
  void whereItIsOptionalAConnectionMayBeginWithoutOne() {
    for (byte[] other :
        List.of(PAYLOAD, text("P\n"), text("PROXX"), text("\r\n\r\n"), text("PROXY"))) {
      ProxyWire wire = new ProxyWire(optional());
      pass(wire, 60);
      wire.send(other);
      wire.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      assertThat(wire.clients).containsExactly(PROXY_ADDRESS);
      assertThat(wire.passed()).isEqualTo(other);
      assertThat(wire.faults).isEmpty();
      assertThat(wire.heldBytesAfterEnd()).isZero();
    }
  }

  @Test
  void whereItIsOptionalAHeaderThatBeginsMustEnd() {
    ProxyWire wire = new ProxyWire(optional()).send(text("PROXY TCP4 10.1"));
    pass(wire, 11);
    assertThat(wire.faults).containsExactly(Fault.TIMED_OUT);
    wire = new ProxyWire(optional()).send(text("PRO"));
    pass(wire, 11);
    assertThat(wire.faults).containsExactly(Fault.TIMED_OUT);
  }

  @Test
  void whereItIsOptionalAHeaderIsTaken() {
    ProxyWire wire = new ProxyWire(optional()).send(Fuzz.join(v2(PROXY, TCP4, IPV4), PAYLOAD));
    assertThat(wire.clients).containsExactly(CLIENT);
    assertThat(wire.passed()).isEqualTo(PAYLOAD);
  }

  @Test
  void nobodyButTheKnownProxiesMayConnectWhereTheyAreNamed() {
    assertFault(required("10.8.0.0/16"), Fault.UNTRUSTED, new byte[0]);
    assertThat(required("10.8.0.0/16", "10.9.9.9").expects(PROXY_ADDRESS.getAddress()))
        .isEqualTo(ProxySettings.Expectation.HEADER);
  }

  @Test
  void whoIsNotTrustedIsNotListenedToWhereHeadersAreOptional() {
    assertThat(optional().concerns(address("10.9.8.1", 1).getAddress())).isFalse();
    assertThat(ProxySettings.OFF.concerns(PROXY_ADDRESS.getAddress())).isFalse();
    assertThatThrownBy(
            () ->
                new ProxySettings(
                    ProxyProtocol.OPTIONAL, AddressRanges.NONE, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from");
  }

  @Test
  void somebodyWhoOnlyLooksWhetherThePortIsOpenIsNoFault() {
    ProxyWire wire = new ProxyWire(required());
    wire.channel.close();
    assertThat(wire.faults).isEmpty();
    wire = new ProxyWire(required());
    wire.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(wire.faults).isEmpty();
    assertThat(wire.isOpen()).isFalse();
  }

  private static void assertFault(ProxySettings settings, Fault fault, byte[] input) {
    ProxyWire whole = new ProxyWire(settings);
    if (input.length > 0) {
      whole.send(input);
    }
    assertRefused(whole, fault, input);
    ProxyWire bytes = new ProxyWire(settings);
    for (byte b : input) {
      bytes.send(new byte[] {b});
    }
    assertRefused(bytes, fault, input);
  }

  private static void assertRefused(ProxyWire wire, Fault fault, byte[] input) {
    assertThat(wire.faults)
        .as("faults of %s", HexFormat.of().formatHex(input))
        .containsExactly(fault);
    assertThat(wire.clients).isEmpty();
    assertThat(wire.passed()).isEmpty();
    assertThat(wire.isOpen()).isFalse();
    assertThat(wire.heldBytesAfterEnd()).isZero();
  }

  private static void pass(ProxyWire wire, int seconds) {
    wire.channel.freezeTime();
    wire.channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    wire.channel.runScheduledPendingTasks();
  }
}
