/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DataSizeTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0, 0
          512, 512
          512B, 512
          ' 64KiB ', 65536
          64k, 65536
          10 MB, 10000000
          10mb, 10000000
          2M, 2097152
          1 GiB, 1073741824
          3GB, 3000000000
          1TiB, 1099511627776
          1TB, 1000000000000
          5kB, 5000
          9223372036854775807, 9223372036854775807
          """)
  void sizesAreReadWithTheirUnits(String text, long bytes) {
    assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "KiB", "-1", "1.5MB", "1 XB", "1 2", "9223372036854775808", "9000000TiB"})
  void whatIsNoSizeIsRefusedWithItsText(String text) {
    assertThatThrownBy(() -> DataSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("expected");
  }

  @Property
  void aSizeReadsItsOwnText(@ForAll @LongRange(min = 0) long bytes) {
    DataSize size = DataSize.ofBytes(bytes);

    assertThat(DataSize.parse(size.toString())).isEqualTo(size);
  }

  @Test
  void sizesAreShownInTheLargestWholeUnit() {
    assertThat(DataSize.ofMebibytes(64)).hasToString("64 MiB");
    assertThat(DataSize.ofBytes(1025)).hasToString("1025 B");
    assertThat(DataSize.ofBytes(0)).hasToString("0 B");
    assertThat(DataSize.ofBytes(1024)).isLessThan(DataSize.ofBytes(1025));
  }
}
