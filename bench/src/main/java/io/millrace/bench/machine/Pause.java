/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.machine;

import java.time.Duration;

/** Lets measured time pass. */
public final class Pause {
  private Pause() {}

  public static void of(Duration duration) throws InterruptedException {
    Thread.sleep(duration.toMillis());
  }
}
