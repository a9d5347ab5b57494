/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Option;
import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;

/** Options of the regex_filter interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "regex_filter",
    flumeClasses = {
      "org.apache.flume.interceptor.RegexFilteringInterceptor$Builder",
      "org.apache.flume.interceptor.RegexFilteringInterceptor"
    },
    summary = "Lets events pass, or drops them, by a regular expression found in their bodies.")
public record RegexFilterInterceptorOptions(
    @Option(doc = "Regular expression; it may match anywhere in the body (UTF-8).", def = ".*")
        String regex,
    @Option(doc = "Whether matching events are dropped; else the others are.", def = "false")
        boolean excludeEvents)
    implements InterceptorOptions {
  @Override
  public Interceptor build(ComponentContext context) {
    BoundedPattern pattern = BoundedPattern.compile("regex", regex);
    RunawayLog runaways = new RunawayLog(context, "The event passes");
    Counter filtered = context.metrics().counter("EventFilteredCount");
    return batch -> {
      EventBatch.Builder passed = EventBatch.builder(batch.encodedBytes());
      for (EventView event : batch) {
        if (passes(pattern, event, runaways)) {
          passed.add(event);
        }
      }
      if (passed.eventCount() == batch.eventCount()) {
        return batch;
      }
      filtered.add(batch.eventCount() - passed.eventCount());
      return passed.build();
    };
  }

  private boolean passes(BoundedPattern pattern, EventView event, RunawayLog runaways) {
    try {
      return pattern.isFoundIn(event.bodyText()) != excludeEvents;
    } catch (RunawayPatternException e) {
      runaways.add(e);
      return true;
    }
  }
}
