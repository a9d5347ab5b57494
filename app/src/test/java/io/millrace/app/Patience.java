/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Waiting that no busy machine is too slow for: the library's own ten seconds are. Costs nothing
 * where the condition holds. Stateless.
 */
public final class Patience {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Patience() {}

  public static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT);
  }
}
