/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import java.time.InstantSource;

/** Options of the timestamp interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "timestamp",
    flumeClasses = {
      "org.apache.flume.interceptor.TimestampInterceptor$Builder",
      "org.apache.flume.interceptor.TimestampInterceptor"
    },
    summary = "Puts the time, in milliseconds since 1970, in a header.")
public record TimestampInterceptorOptions(
    @Option(
            doc = "Header that gets the time.",
            name = "headerName",
            aliases = "header",
            def = "timestamp")
        String headerName,
    @Option(doc = "Whether a time that an event already has stays.", def = "false")
        boolean preserveExisting)
    implements InterceptorOptions {
  @Override
  public Interceptor build(ComponentContext context) {
    return build(InstantSource.system());
  }

  /** Wall clock time is data here: nothing of ours orders or names by it. */
  Interceptor build(InstantSource clock) {
    return batch ->
        batch.withHeader(
            headerName, Long.toString(clock.millis()), HeaderConflicts.of(preserveExisting));
  }
}
