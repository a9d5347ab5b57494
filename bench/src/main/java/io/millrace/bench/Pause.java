/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import java.time.Duration;

/** Lets measured time pass. */
final class Pause {
  private Pause() {}

  static void of(Duration duration) throws InterruptedException {
    Thread.sleep(duration.toMillis());
  }
}
