/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelDropsTest {
  private static final List<String> TABLE =
      List.of(
          "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
              + "  timeout inode ref pointer drops",
          " 1033: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0"
              + "        0 27214 2 0000000000000000 17",
          " 1034: 00000000:0203 00000000:0000 07 00000000:00000000 00:00000000 00000000     0"
              + "        0 27215 2 0000000000000000 4");

  @Test
  void theDropsOfAPortAreReadFromTheLastColumn() {
    assertThat(KernelDrops.ofPort(TABLE, 514)).hasValue(17);
    assertThat(KernelDrops.ofPort(TABLE, 515)).hasValue(4);
    assertThat(KernelDrops.ofPort(TABLE, 516)).isEmpty();
  }
}
