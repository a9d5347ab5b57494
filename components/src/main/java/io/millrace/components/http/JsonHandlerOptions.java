/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.HttpHandler;
import io.millrace.api.HttpHandlerOptions;

/** Options of the JSON handler, of which there are none. Immutable. */
@Component(
    kind = ComponentKind.HTTP_HANDLER,
    name = "json",
    flumeClasses = "org.apache.flume.source.http.JSONHandler",
    summary =
        "Takes an array of objects with headers (text by name) and body (text); with the content"
            + " type application/x-ndjson such objects one after another. The charset of the"
            + " content type may be UTF-8, which is assumed, UTF-16 or UTF-32; bodies are stored in"
            + " it.")
public record JsonHandlerOptions() implements HttpHandlerOptions {
  @Override
  public HttpHandler build() {
    return new JsonHandler();
  }
}
