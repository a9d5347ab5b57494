/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** Waiting for something to become true. */
public final class Conditions {
  private Conditions() {}

  public static void await(String what, Duration limit, Callable<Boolean> condition) {
    await(what, limit, Duration.ofMillis(50), condition);
  }

  /** Looks once in each {@code interval}, for conditions that cost something. */
  public static void await(
      String what, Duration limit, Duration interval, Callable<Boolean> condition) {
    Awaitility.await(what)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(interval)
        .atMost(limit)
        .until(condition);
  }
}
