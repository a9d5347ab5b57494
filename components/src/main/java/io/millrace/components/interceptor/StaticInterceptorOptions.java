/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;

/** Options of the static interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "static",
    flumeClasses = {
      "org.apache.flume.interceptor.StaticInterceptor$Builder",
      "org.apache.flume.interceptor.StaticInterceptor"
    },
    summary = "Puts one constant header on every event.")
public record StaticInterceptorOptions(
    @Option(doc = "Whether a value that an event already has stays.", def = "true")
        boolean preserveExisting,
    @Option(doc = "Header that gets the value.", def = "key") String key,
    @Option(doc = "The value.", def = "value") String value)
    implements InterceptorOptions {
  @Override
  public Interceptor build(ComponentContext context) {
    return batch -> batch.withHeader(key, value, HeaderConflicts.of(preserveExisting));
  }
}
