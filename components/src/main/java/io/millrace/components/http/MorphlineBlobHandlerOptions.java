/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.EventBatch;
import io.millrace.api.HttpHandler;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.Option;
import io.millrace.api.RejectedException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Options of the blob handler that Flume has with its morphline sink. Immutable. */
@Component(
    kind = ComponentKind.HTTP_HANDLER,
    name = "morphline_blob",
    flumeClasses = "org.apache.flume.sink.solr.morphline.BlobHandler",
    summary =
        "Takes each request as one event, as blob does, with its content type as the header"
            + " Content-Type. A request without a body is no event.")
public record MorphlineBlobHandlerOptions(
    @Option(
            doc = "Longest body; a longer one is refused, where Flume stores its beginning only.",
            def = "100000000",
            bareUnit = BareUnit.BYTES,
            min = 1)
        DataSize maxBlobLength)
    implements HttpHandlerOptions {
  @Override
  public HttpHandler build() {
    return request -> {
      if (request.bodyBytes() == 0) {
        return EventBatch.EMPTY;
      }
      if (request.bodyBytes() > maxBlobLength.bytes()) {
        throw new RejectedException(
            "the body has "
                + request.bodyBytes()
                + " bytes (expected: at most "
                + maxBlobLength.bytes()
                + ", handler.maxBlobLength)");
      }
      Map<String, String> headers = new LinkedHashMap<>();
      request.header("content-type").ifPresent(type -> headers.put("Content-Type", type));
      headers.putAll(BlobHandlerOptions.headers(request));
      return BlobHandlerOptions.batch(headers, request);
    };
  }
}
