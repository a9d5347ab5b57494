/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import java.util.UUID;
import java.util.function.Supplier;

/** Options of the uuid interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "uuid",
    flumeClasses = {
      "org.apache.flume.sink.solr.morphline.UUIDInterceptor$Builder",
      "org.apache.flume.sink.solr.morphline.UUIDInterceptor"
    },
    summary = "Gives every event an identifier of its own: a random UUID.")
public record UuidInterceptorOptions(
    @Option(doc = "Header that gets the identifier.", def = "id") String headerName,
    @Option(doc = "Whether an identifier that an event already has stays.", def = "true")
        boolean preserveExisting,
    @Option(doc = "Text in front of the identifier.", def = "") String prefix)
    implements InterceptorOptions {
  @Override
  public Interceptor build(ComponentContext context) {
    return build(() -> UUID.randomUUID().toString());
  }

  Interceptor build(Supplier<String> identifiers) {
    return batch ->
        ChangedEvents.of(
            batch,
            (event, changed) -> {
              if (preserveExisting && event.header(headerName) != null) {
                return false;
              }
              changed.add(event, headerName, prefix + identifiers.get());
              return true;
            });
  }
}
