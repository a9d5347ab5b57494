/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventView;
import io.millrace.api.RejectedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

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
  private static final Duration REFUSAL_LIFE = Duration.ofSeconds(5);

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

  /** What was at a URL that is no schema, not to be asked for again for each event. */
  private record Refusal(String reason, long atNanos) {}

  private final Map<String, Refusal> refusals =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Refusal> eldest) {
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
   * @throws RejectedException when there is none, or the event must not choose it, or what it names
   *     is no schema
   * @throws IOException when it cannot be read now; that is also so of whatever is at the address
   *     that the options name, for which the event can do nothing
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
      if (fallbackUrl.filter(url::equals).isEmpty()) {
        return read(url);
      }
    }
    String literal = event.header(LITERAL_HEADER);
    if (url == null && literal != null) {
      return parse(literal, "its header " + LITERAL_HEADER);
    }
    if (fallbackUrl.isPresent()) {
      return readOfOptions(fallbackUrl.get());
    }
    throw new RejectedException(
        "it has no schema: neither header "
            + URL_HEADER
            + " nor "
            + LITERAL_HEADER
            + ", and schemaURL is not set");
  }

  private Schema readOfOptions(String url) throws IOException {
    try {
      return read(url);
    } catch (RejectedException e) {
      throw new IOException("serializer.schemaURL: " + e.getMessage(), e);
    }
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
    if (known != null) {
      return known;
    }
    Refusal refusal = refusals.get(url);
    if (refusal != null && System.nanoTime() - refusal.atNanos() < REFUSAL_LIFE.toNanos()) {
      throw new RejectedException(refusal.reason());
    }
    try {
      Schema schema = fetch(url);
      byUrl.put(url, schema);
      refusals.remove(url);
      return schema;
    } catch (RejectedException e) {
      refusals.put(url, new Refusal(e.getMessage(), System.nanoTime()));
      throw e;
    }
  }

  private static Schema fetch(String url) throws IOException {
    try (InputStream in = open(url)) {
      byte[] bytes = in.readNBytes(MAX_SCHEMA_BYTES + 1);
      if (bytes.length > MAX_SCHEMA_BYTES) {
        throw new RejectedException(
            "what is at "
                + url
                + " is larger than a schema may be, "
                + MAX_SCHEMA_BYTES
                + " bytes");
      }
      return parse(new String(bytes, StandardCharsets.UTF_8), "what is at " + url);
    }
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
      return openHttp(uri);
    }
    try {
      Path path = new Path(uri);
      return path.getFileSystem(new Configuration()).open(path);
    } catch (FileNotFoundException | UnsupportedFileSystemException e) {
      throw new RejectedException("there is no schema at " + url + ": " + e.getMessage(), e);
    }
  }

  private static InputStream openHttp(URI uri) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    // A redirection could lead anywhere.
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
    connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
    int status = connection.getResponseCode();
    if (status == HttpURLConnection.HTTP_OK) {
      return connection.getInputStream();
    }
    connection.disconnect();
    if (status == HttpURLConnection.HTTP_NOT_FOUND || status == HttpURLConnection.HTTP_GONE) {
      throw new RejectedException("there is no schema at " + uri + ": status " + status);
    }
    throw new IOException("status " + status + " from " + uri + " (expected: 200)");
  }
}
