/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.HttpHandler;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.HttpRequest;
import io.millrace.api.Option;
import io.millrace.api.RejectedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options of the blob handler. Immutable. */
@Component(
    kind = ComponentKind.HTTP_HANDLER,
    name = "blob",
    flumeClasses = "org.apache.flume.source.http.BLOBHandler",
    summary =
        "Takes each request as one event: its body as it is, its query parameters as headers.")
public record BlobHandlerOptions(
    @Option(
            doc = "Parameters, separated by commas, without which a request is answered 400.",
            def = "",
            separator = ",")
        List<String> mandatoryParameters)
    implements HttpHandlerOptions {

  public BlobHandlerOptions {
    mandatoryParameters =
        mandatoryParameters.stream().map(String::trim).filter(name -> !name.isEmpty()).toList();
  }

  @Override
  public HttpHandler build() {
    return request -> {
      Map<String, String> headers = headers(request);
      for (String name : mandatoryParameters) {
        if (!headers.containsKey(name)) {
          throw new RejectedException("the parameter " + name + " is missing");
        }
      }
      return batch(headers, request);
    };
  }

  /** The first value of each parameter. */
  static Map<String, String> headers(HttpRequest request) {
    Map<String, String> headers = new LinkedHashMap<>();
    request.parameters().forEach((name, values) -> headers.put(name, values.get(0)));
    return headers;
  }

  static EventBatch batch(Map<String, String> headers, HttpRequest request) {
    return EventBatch.builder(request.bodyBytes() + 256)
        .add(EncodedHeaders.of(headers), request.bodyArray(), 0, request.bodyBytes())
        .build();
  }
}
