/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangesTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.0.0/16, 10.1.255.255, true",
    "10.1.0.0/16, 10.2.0.0, false",
    "10.1.77.1/16, 10.1.1.1, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "2001:db8::/32, 2001:db8:1::5, true",
    "2001:db8::/32, 2001:db9::5, false",
    "::1, ::1, true",
    "10.1.0.0/16, ::1, false",
    "::/0, 10.1.2.3, false",
    "::ffff:10.1.2.3, 10.1.2.3, true",
  })
  void anAddressIsInARangeOrNot(String range, String address, boolean isIn) throws Exception {
    AddressRanges ranges = AddressRanges.parse(List.of("192.0.2.1", " " + range, ""));
    assertThat(ranges.contains(InetAddress.getByName(address))).isEqualTo(isIn);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "10.1.2",
        "10.1.2.3/33",
        "10.1.2.3/-1",
        "10.1.2.3/",
        "::1/129",
        "x/8"
      })
  void anythingElseIsAMistakeAndNoNameIsLookedUp(String text) {
    assertThatThrownBy(() -> AddressRanges.parse(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void thereAreNotTooMany() {
    List<String> many = Collections.nCopies(AddressRanges.MAX_RANGES + 1, "10.1.2.3");
    assertThatThrownBy(() -> AddressRanges.parse(many))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
  }
}
