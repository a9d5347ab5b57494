/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.DataSize;
import io.millrace.components.hop.ConnectionLimitOptions;
import java.time.Duration;
import java.util.Optional;

/** Limits of a source that no test reaches. */
public final class HopLimits {
  private HopLimits() {}

  public static ConnectionLimitOptions ample() {
    return new ConnectionLimitOptions(
        100,
        100,
        DataSize.ofMebibytes(64),
        Optional.empty(),
        Duration.ofSeconds(600),
        Duration.ZERO,
        Duration.ofSeconds(30),
        Duration.ofSeconds(300),
        Duration.ZERO);
  }
}
