/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import java.nio.charset.Charset;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyslogOptionsTest {
  private static MultiportSyslogTcpOptions several(
      List<String> ports, Charset charset, Map<String, String> charsets) {
    return new MultiportSyslogTcpOptions(
        Optional.empty(),
        ports,
        DataSize.ofBytes(2500),
        Optional.of("port"),
        charset,
        charsets,
        100,
        DataSize.ofBytes(65536),
        Optional.empty(),
        SyslogMessageOptions.PLAIN,
        SyslogStreamOptions.PLAIN);
  }

  @Test
  void eachPortHasItsEncodingAndItsHeader() {
    SyslogListening listening =
        several(List.of("5140", "5141"), UTF_8, Map.of("5141", "ISO-8859-1")).listening();
    assertThat(listening.ports())
        .containsExactly(
            new SyslogListening.Port(5140, UTF_8, Map.of("port", "5140")),
            new SyslogListening.Port(5141, ISO_8859_1, Map.of("port", "5141")));
    assertThat(listening.zone()).isEqualTo(ZoneOffset.UTC);
    assertThat(listening.host()).isEqualTo("0.0.0.0");
  }

  @Test
  void whatCannotWorkIsRefused() {
    assertThatThrownBy(() -> several(List.of("514", "x"), UTF_8, Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ports: 'x'");
    assertThatThrownBy(() -> several(List.of(), UTF_8, Map.of()))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> several(List.of("514"), UTF_16LE, Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("UTF-16LE");
    assertThatThrownBy(() -> several(List.of("514"), UTF_8, Map.of("514", "no-such")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("charset.port.514");
    assertThatThrownBy(
            () ->
                new SyslogMessageOptions(
                    List.of(), Optional.empty(), Optional.empty(), Optional.of("Mars")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'Mars'");
    assertThatThrownBy(
            () ->
                new SyslogFormatOptions(
                    Optional.of("(a)(b)"), Optional.empty(), Optional.empty(), Optional.of("yyyy")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("2 groups");
  }

  @Test
  void whatHasNoEffectIsSaid() {
    assertThat(several(List.of("514"), UTF_8, Map.of("515", "UTF-8")).ineffective())
        .containsOnlyKeys("charset.port.515");
    assertThat(
            new SyslogFormatOptions(
                    Optional.empty(), Optional.of("a"), Optional.of("b"), Optional.of("yyyy"))
                .ineffective())
        .containsOnlyKeys("format.search", "format.replace", "format.dateFormat");
  }
}
