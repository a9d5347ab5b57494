/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import static io.millrace.rpc.proxy.ProxyHeaders.IPV4;
import static io.millrace.rpc.proxy.ProxyHeaders.IPV6;
import static io.millrace.rpc.proxy.ProxyHeaders.LOCAL;
import static io.millrace.rpc.proxy.ProxyHeaders.PROXY;
import static io.millrace.rpc.proxy.ProxyHeaders.TCP4;
import static io.millrace.rpc.proxy.ProxyHeaders.TCP6;
import static io.millrace.rpc.proxy.ProxyHeaders.UNIX;
import static io.millrace.rpc.proxy.ProxyHeaders.sslTlv;
import static io.millrace.rpc.proxy.ProxyHeaders.text;
import static io.millrace.rpc.proxy.ProxyHeaders.tlv;
import static io.millrace.rpc.proxy.ProxyHeaders.v1;
import static io.millrace.rpc.proxy.ProxyHeaders.v2;
import static io.millrace.rpc.proxy.ProxyWire.optional;
import static io.millrace.rpc.proxy.ProxyWire.required;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.rpc.Fuzz;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a peer may send in place of a PROXY header. */
class ProxyFuzzTest {
  private static final List<byte[]> CORPUS =
      List.of(
          v1("PROXY TCP4 10.1.2.3 10.0.0.1 4567 4141"),
          v1("PROXY TCP6 2001:db8::5 2001:db8::1 4567 4141"),
          v1("PROXY UNKNOWN"),
          v2(PROXY, TCP4, IPV4),
          v2(PROXY, TCP6, IPV6, tlv(1, text("h2"))),
          v2(PROXY, UNIX, new byte[216]),
          v2(LOCAL, 0),
          v2(PROXY, TCP4, IPV4, sslTlv(tlv(0x21, text("TLSv1.3")), sslTlv(tlv(0x22, text("a"))))),
          text("a line\n"));

  @Test
  void anyBytesAreTakenOrRefusedAndNoMemoryIsLeftOver() {
    Fuzz.run("PROXY header, required", CORPUS, (input, random) -> feed(required(), input, random));
    Fuzz.run("PROXY header, optional", CORPUS, (input, random) -> feed(optional(), input, random));
  }

  private static void feed(ProxySettings settings, byte[] input, Random random) {
    ProxyWire wire = new ProxyWire(settings, random.nextBoolean());
    int passedBefore = 0;
    for (int at = 0; at < input.length && wire.isOpen(); ) {
      int end = Math.min(input.length, at + 1 + random.nextInt(40));
      wire.send(Arrays.copyOfRange(input, at, end));
      at = end;
      int passed = wire.passed().length;
      assertThat(passed).isBetween(passedBefore, at);
      passedBefore = passed;
    }
    assertThat(wire.clients.size() + wire.faults.size()).isLessThanOrEqualTo(1);
    assertThat(wire.faults.isEmpty()).isEqualTo(wire.isOpen());
    byte[] passed = wire.passed();
    assertThat(passed)
        .as("what goes on is the end of what came")
        .isEqualTo(
            Arrays.copyOfRange(
                input,
                passed.length == 0 ? 0 : input.length - passed.length,
                passed.length == 0 ? 0 : input.length));
    assertThat(wire.heldBytesAfterEnd()).isZero();
  }
}
