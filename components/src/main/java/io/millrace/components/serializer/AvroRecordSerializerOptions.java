/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.serializer;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.SerializerOptions;
import io.millrace.components.serializer.AvroEventSerializerOptions.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/** Options of the serializer of Avro records. Immutable. */
@Component(
    kind = ComponentKind.SERIALIZER,
    name = "avro_record",
    flumeClasses = {
      "org.apache.flume.sink.hdfs.AvroEventSerializer$Builder",
      "org.apache.flume.sink.hdfs.AvroEventSerializer"
    },
    summary =
        "Writes an Avro container of the records that stand in the bodies, in Avro binary; the first"
            + " event of a file says which schema they have.")
public record AvroRecordSerializerOptions(
    @Option(
            doc = "Bytes of a block before it is written; a flush ends a block early.",
            def = "2048000",
            bareUnit = BareUnit.BYTES,
            min = 32,
            max = 1 << 30)
        DataSize syncIntervalBytes,
    @Option(doc = "How blocks are compressed.", def = "null", fallsBack = true)
        Compression compressionCodec,
    @Option(
            doc =
                "Where the schema of events is that name none: the file or http(s) address of its"
                    + " JSON.")
        Optional<String> schemaURL,
    @Option(
            doc =
                "Beginnings of addresses that an event may name in flume.avro.schema.url; others are"
                    + " not looked at, since anybody may send events.",
            def = "")
        List<String> allowedSchemaUrls)
    implements SerializerOptions {
  private static final int MAX_SCHEMA_BYTES = 4 << 20;
  private static final int TIMEOUT_MILLIS = 10_000;

  public AvroRecordSerializerOptions {
    allowedSchemaUrls = List.copyOf(allowedSchemaUrls);
    schemaURL.ifPresent(url -> uri("schemaURL", url));
    for (String prefix : allowedSchemaUrls) {
      String path = Optional.ofNullable(uri("allowedSchemaUrls", prefix).getPath()).orElse("");
      if (path.isEmpty()) {
        throw new ConfigurationException(
            "allowedSchemaUrls",
            "'" + prefix + "' (expected: an address with a path, such as https://host/schemas/)");
      }
    }
  }

  private static URI uri(String option, String text) {
    try {
      URI uri = URI.create(text);
      if (List.of("file", "http", "https").contains(String.valueOf(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new ConfigurationException(
        option, "'" + text + "' (expected: an address with file:, http: or https:)");
  }

  @Override
  public EventSerializer.Factory build() {
    AvroEventSerializerOptions.check(compressionCodec, compressionCodec.factory());
    return this::open;
  }

  private EventSerializer open(OutputStream target) {
    return new AvroRecordContainer(
        target,
        Math.toIntExact(syncIntervalBytes.bytes()),
        compressionCodec.factory(),
        this::schema);
  }

  /** The schema that an event names by an address, or that of the configuration. */
  private Schema schema(Optional<String> url) throws IOException {
    if (url.isPresent()) {
      String address = url.get();
      boolean isPlain =
          !address.contains("..") && !address.contains("%") && !address.contains("\\");
      if (!isPlain || allowedSchemaUrls.stream().noneMatch(address::startsWith)) {
        throw new IOException(
            "an event names a schema at an address that allowedSchemaUrls does not allow (expected:"
                + " one that begins with one of "
                + allowedSchemaUrls
                + ")");
      }
      return read(address);
    }
    if (schemaURL.isEmpty()) {
      throw new IOException(
          "the first event of a file names no schema (expected: the header"
              + " flume.avro.schema.literal or flume.avro.schema.url, or the option schemaURL)");
    }
    return read(schemaURL.get());
  }

  private static Schema read(String address) throws IOException {
    URLConnection connection = URI.create(address).toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    if (connection instanceof java.net.HttpURLConnection http) {
      http.setInstanceFollowRedirects(false);
    }
    try (InputStream in = connection.getInputStream()) {
      byte[] json = in.readNBytes(MAX_SCHEMA_BYTES);
      return parse(new String(json, StandardCharsets.UTF_8));
    }
  }

  static Schema parse(String json) throws IOException {
    try {
      return new Schema.Parser().parse(json);
    } catch (AvroRuntimeException e) {
      throw new IOException("a schema is no Avro schema: " + e.getMessage(), e);
    }
  }
}
