/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.serializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import io.millrace.api.HeaderConflict;
import io.millrace.api.SerializerOptions;
import io.millrace.components.serializer.AvroEventSerializerOptions.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.file.Codec;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SerializerTest {
  private static final DataSize SYNC_INTERVAL = DataSize.ofBytes(2_048_000);

  private static byte[] serialize(SerializerOptions options, EventBatch batch) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    EventSerializer serializer = options.build().open(target);
    serializer.begin();
    for (EventView event : batch) {
      serializer.write(event);
    }
    serializer.end();
    return target.toByteArray();
  }

  private static String text(SerializerOptions options, EventBatch batch) throws IOException {
    return new String(serialize(options, batch), StandardCharsets.UTF_8);
  }

  private static EventBatch twoEvents() {
    Map<String, String> headers = new TreeMap<>(Map.of("a", "1", "b", "zwei"));
    return EventBatch.join(
        List.of(
            EventBatch.of(headers, "body".getBytes(StandardCharsets.UTF_8)),
            EventBatch.of(Map.of(), new byte[0])));
  }

  @Test
  void textIsTheBodiesWithOrWithoutLineFeeds() throws Exception {
    assertThat(text(new TextSerializerOptions(true), twoEvents())).isEqualTo("body\n\n");
    assertThat(text(new TextSerializerOptions(false), twoEvents())).isEqualTo("body");
  }

  @Test
  void headersStandInBracesBeforeTheText() throws Exception {
    assertThat(text(new HeaderAndTextSerializerOptions(true), twoEvents()))
        .isEqualTo("{a=1, b=zwei} body\n{} \n");
    assertThat(text(new HeaderAndTextSerializerOptions(false), twoEvents()))
        .isEqualTo("{a=1, b=zwei} body{} ");
  }

  @Test
  void theAvroSchemaIsTheOneThatFlumeWrites() {
    assertThat(AvroContainer.SCHEMA)
        .isEqualTo(
            new Schema.Parser()
                .parse(
                    "{\"type\":\"record\",\"name\":\"Event\",\"fields\":["
                        + "{\"name\":\"headers\",\"type\":{\"type\":\"map\",\"values\":\"string\"}},"
                        + "{\"name\":\"body\",\"type\":\"bytes\"}]}"));
  }

  @ParameterizedTest
  @EnumSource(names = {"NULL", "DEFLATE", "BZIP2"})
  void anAvroContainerIsReadBackByTheAvroLibrary(Compression codec) throws Exception {
    // A header set afterwards makes maps of several blocks.
    EventBatch batch = twoEvents().withHeader("b", "2", HeaderConflict.REPLACE);

    byte[] container = serialize(new AvroEventSerializerOptions(SYNC_INTERVAL, codec), batch);

    List<Object> headers = new ArrayList<>();
    List<Object> bodies = new ArrayList<>();
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(new SeekableByteArrayInput(container), new GenericDatumReader<>())) {
      for (GenericRecord event : reader) {
        headers.add(event.get("headers"));
        bodies.add(event.get("body"));
      }
    }
    assertThat(headers)
        .containsExactly(
            Map.of(new Utf8("a"), new Utf8("1"), new Utf8("b"), new Utf8("2")),
            Map.of(new Utf8("b"), new Utf8("2")));
    assertThat(bodies)
        .containsExactly(
            ByteBuffer.wrap("body".getBytes(StandardCharsets.UTF_8)), ByteBuffer.allocate(0));
  }

  @Test
  void aCodecWhoseLibraryIsMissingIsAConfigurationErrorThatNamesIt() {
    CodecFactory withoutLibrary =
        new CodecFactory() {
          @Override
          protected Codec createInstance() {
            throw new NoClassDefFoundError("org/xerial/snappy/Snappy");
          }
        };

    assertThatThrownBy(() -> AvroEventSerializerOptions.check(Compression.SNAPPY, withoutLibrary))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("snappy-java")
        .hasMessageContaining("deflate");
  }

  private static EventBatch record(Map<String, String> headers, String text) {
    byte[] body = new byte[text.length() + 1];
    body[0] = (byte) (2 * text.length());
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, body, 1, text.length());
    return EventBatch.of(headers, body);
  }

  private static final String RECORD =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"s\",\"type\":\"string\"}]}";

  private static AvroRecordSerializerOptions records(
      Optional<String> schema, List<String> allowed) {
    return new AvroRecordSerializerOptions(SYNC_INTERVAL, Compression.DEFLATE, schema, allowed);
  }

  private static List<String> strings(byte[] container) throws IOException {
    List<String> strings = new ArrayList<>();
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(new SeekableByteArrayInput(container), new GenericDatumReader<>())) {
      for (GenericRecord read : reader) {
        strings.add(read.get("s").toString());
      }
    }
    return strings;
  }

  @Test
  void bodiesThatAreRecordsGoIntoAContainerOfTheirSchema(@TempDir Path directory) throws Exception {
    EventBatch named =
        EventBatch.join(
            List.of(
                record(Map.of("flume.avro.schema.literal", RECORD), "one"),
                record(Map.of(), "two")));
    assertThat(strings(serialize(records(Optional.empty(), List.of()), named)))
        .containsExactly("one", "two");

    String url = Files.writeString(directory.resolve("r.avsc"), RECORD).toUri().toString();
    EventBatch unnamed = record(Map.of(), "three");
    assertThat(strings(serialize(records(Optional.of(url), List.of()), unnamed)))
        .containsExactly("three");
    EventBatch byUrl = record(Map.of("flume.avro.schema.url", url), "four");
    List<String> allowed = List.of(directory.toUri().toString());
    assertThat(strings(serialize(records(Optional.empty(), allowed), byUrl)))
        .containsExactly("four");
  }

  @Test
  void anEventCannotHaveAnyAddressLookedAt(@TempDir Path directory) throws Exception {
    String url = Files.writeString(directory.resolve("r.avsc"), RECORD).toUri().toString();
    String allowed = directory.resolve("sub").toUri() + "/";
    for (String named : List.of(url, allowed + "../r.avsc", allowed + "%2e%2e/r.avsc")) {
      EventBatch event = record(Map.of("flume.avro.schema.url", named), "x");
      assertThatThrownBy(() -> serialize(records(Optional.empty(), List.of(allowed)), event))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("allowedSchemaUrls");
    }
    assertThatThrownBy(() -> serialize(records(Optional.empty(), List.of()), record(Map.of(), "x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("schemaURL");
    assertThatThrownBy(() -> records(Optional.of("jar:x"), List.of()))
        .isInstanceOf(ConfigurationException.class);
  }
}
