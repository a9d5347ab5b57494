/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventView;
import io.millrace.api.RejectedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Finds the schema of an event. What a header names is read only from where the options allow: a
 * client that can set headers must not make the agent call any server, or read any file. Guarded by
 * {@code this}.
 */
final class AvroSchemas {
  static final String URL_HEADER = "flume.avro.schema.url";
  static final String LITERAL_HEADER = "flume.avro.schema.literal";

  private static final int MAX_SCHEMA_BYTES = 1 << 20;
  private static final int MAX_SCHEMAS = 100;
  private static final int HTTP_TIMEOUT_MILLIS = 10_000;

  private final Optional<String> fallbackUrl;
  private final List<String> allowedUrls;
  private final Map<String, Schema> byUrl =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Schema> eldest) {
          return size() > MAX_SCHEMAS;
        }
      };

  AvroSchemas(Optional<String> fallbackUrl, List<String> allowedUrls) {
    this.fallbackUrl = fallbackUrl;
    this.allowedUrls = allowedUrls;
  }

  /** What the event says its schema is; equal for two of the same. Empty when it does not say. */
  static String source(EventView event) {
    String url = event.header(URL_HEADER);
    if (url != null) {
      return "url " + url;
    }
    String literal = event.header(LITERAL_HEADER);
    return literal == null ? "" : "literal " + literal;
  }

  /**
   * The schema of an event.
   *
   * @throws RejectedException when there is none, or the event must not choose it
   * @throws IOException when it cannot be read now
   */
  Schema of(EventView event) throws IOException {
    String url = event.header(URL_HEADER);
    if (url != null) {
      if (!isAllowed(url)) {
        throw new RejectedException(
            "its header "
                + URL_HEADER
                + " names a place that millrace.schemaURLs does not allow to read from");
      }
      return read(url);
    }
    String literal = event.header(LITERAL_HEADER);
    if (literal != null) {
      return parse(literal, "its header " + LITERAL_HEADER);
    }
    if (fallbackUrl.isPresent()) {
      return read(fallbackUrl.get());
    }
    throw new RejectedException(
        "it has no schema: neither header "
            + URL_HEADER
            + " nor "
            + LITERAL_HEADER
            + ", and schemaURL is not set");
  }

  private boolean isAllowed(String url) {
    // A path with dots could lead out of what is allowed.
    return fallbackUrl.filter(url::equals).isPresent()
        || (!url.contains("..")
            && !url.contains("%")
            && allowedUrls.stream().anyMatch(url::startsWith));
  }

  private static Schema parse(String text, String from) {
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException e) {
      // Avro has several for what a text may have wrong.
      throw new RejectedException(from + " is no Avro schema: " + e.getMessage(), e);
    }
  }

  private synchronized Schema read(String url) throws IOException {
    Schema known = byUrl.get(url);
    if (known == null) {
      try (InputStream in = open(url)) {
        byte[] bytes = in.readNBytes(MAX_SCHEMA_BYTES + 1);
        if (bytes.length > MAX_SCHEMA_BYTES) {
          throw new IOException(
              "schema at " + url + " is larger than " + MAX_SCHEMA_BYTES + " bytes");
        }
        known = parse(new String(bytes, StandardCharsets.UTF_8), "what is at " + url);
      }
      byUrl.put(url, known);
    }
    return known;
  }

  private static InputStream open(String url) throws IOException {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new RejectedException("the address of a schema is none: " + e.getMessage(), e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    if (scheme.equals("http") || scheme.equals("https")) {
      java.net.HttpURLConnection connection =
          (java.net.HttpURLConnection) uri.toURL().openConnection();
      // A redirection could lead anywhere.
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
      connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
      if (connection.getResponseCode() != java.net.HttpURLConnection.HTTP_OK) {
        throw new IOException(
            "status " + connection.getResponseCode() + " from " + url + " (expected: 200)");
      }
      return connection.getInputStream();
    }
    Path path = new Path(uri);
    return path.getFileSystem(new Configuration()).open(path);
  }
}
