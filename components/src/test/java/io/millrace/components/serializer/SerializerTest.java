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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
}
