/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.ComponentContext;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.kit.regex.RunawayPatternException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts, and now and then says, that an expression did not come to an end. Safe for threads. */
final class RunawayLog {
  private static final Logger log = LoggerFactory.getLogger(RunawayLog.class);

  private final String interceptor;
  private final String whatBecomes;
  private final Counter count;
  private final LogLimit limit = new LogLimit(Duration.ofSeconds(10));

  /**
   * @param whatBecomes of such an event, as the end of a sentence
   */
  RunawayLog(ComponentContext context, String whatBecomes) {
    this.interceptor = context.name();
    this.whatBecomes = whatBecomes;
    this.count = context.metrics().counter("RunawayPatternCount");
  }

  void add(RunawayPatternException e) {
    count.increment();
    if (limit.allows()) {
      log.warn(
          "Interceptor {}: {}. {}; {} so far. Let the expression match in fewer ways: no repetition"
              + " inside a repetition, ^ in front.",
          interceptor,
          e.getMessage(),
          whatBecomes,
          count.value());
    }
  }
}
