/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataSize;
import io.millrace.api.EventDeserializer;
import io.millrace.api.EventDeserializer.DecodeErrorPolicy;
import io.millrace.api.EventDeserializer.MalformedFileException;
import io.millrace.components.content.FileContent;
import io.millrace.components.deserializer.AvroDeserializerOptions.SchemaType;
import io.millrace.components.testing.ToyMetrics;
import io.millrace.kit.text.MultilineOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeserializerTest {
  @TempDir private Path directory;

  private final ToyMetrics metrics = new ToyMetrics();
  private Charset inputCharset = UTF_8;
  private DecodeErrorPolicy policy = DecodeErrorPolicy.FAIL;
  private Map<String, String> lastHeaders;

  private record Read(byte[] body, long mark, long events) {}

  private List<Read> read(EventDeserializer.Factory factory, byte[] content, long mark, long skip)
      throws IOException {
    Path file = Files.write(directory.resolve("file"), content);
    List<Read> all = new ArrayList<>();
    List<byte[]> bodies = new ArrayList<>();
    try (FileContent open = FileContent.open(file);
        EventDeserializer deserializer =
            factory.open(
                open,
                mark,
                new EventDeserializer.Setting(inputCharset, policy, 1 << 20, metrics))) {
      while (deserializer.next(
          (headers, array, offset, length) -> {
            lastHeaders = headers;
            bodies.add(Arrays.copyOfRange(array, offset, offset + length));
          })) {
        all.add(
            new Read(
                bodies.get(bodies.size() - 1),
                deserializer.mark(),
                deserializer.eventsBehindMark()));
      }
    }
    assertThat(bodies).hasSameSizeAs(all);
    return all.subList((int) skip, all.size());
  }

  private static LineDeserializerOptions lines(int maxLineLength, Charset output) {
    return new LineDeserializerOptions(maxLineLength, output, false, MultilineOptions.NONE);
  }

  private List<String> texts(LineDeserializerOptions options, byte[] content) throws IOException {
    return read(options.build(), content, 0, 0).stream()
        .map(read -> new String(read.body(), options.outputCharset()))
        .toList();
  }

  /** Reading goes on from every mark as if it had not stopped. */
  private void checkMarks(EventDeserializer.Factory factory, byte[] content) throws IOException {
    List<Read> all = read(factory, content, 0, 0);
    for (int i = 0; i < all.size(); i++) {
      Read last = all.get(i);
      List<Read> rest = read(factory, content, last.mark(), last.events());
      assertThat(rest.stream().map(Read::body).toList())
          .usingElementComparator(Arrays::compare)
          .isEqualTo(all.subList(i + 1, all.size()).stream().map(Read::body).toList());
    }
  }

  @Test
  void linesEndAtLineFeeds() throws IOException {
    assertThat(texts(lines(2048, UTF_8), "a\n\nb\r\nlast".getBytes(UTF_8)))
        .containsExactly("a", "", "b\r", "last");
    assertThat(texts(lines(2048, UTF_8), new byte[0])).isEmpty();
    assertThat(texts(lines(2048, UTF_8), new byte[] {'\n'})).containsExactly("");
  }

  @Test
  void carriageReturnsAreDroppedIfAskedTo() throws IOException {
    LineDeserializerOptions options =
        new LineDeserializerOptions(2048, UTF_8, true, MultilineOptions.NONE);

    assertThat(texts(options, "a\r\nä\r\n\r\nb\r".getBytes(UTF_8)))
        .containsExactly("a", "ä", "", "b\r");
  }

  @Test
  void longLinesAreSplitByCharactersAndNoCharacterIsCut() throws IOException {
    byte[] content = "äöüäöüä\nabcdef\nabc\n😀😀\n".getBytes(UTF_8);

    assertThat(texts(lines(3, UTF_8), content))
        .containsExactly("äöü", "äöü", "ä", "abc", "def", "abc", "😀", "😀");
    assertThat(metrics.counter("LinesSplit").value()).isEqualTo(4);
    checkMarks(lines(3, UTF_8).build(), content);
  }

  @Test
  void textOfAnyCharacterSetIsRead() throws IOException {
    inputCharset = ISO_8859_1;
    assertThat(texts(lines(10, UTF_8), "äö\nü".getBytes(ISO_8859_1))).containsExactly("äö", "ü");
    assertThat(texts(lines(10, ISO_8859_1), "äö\nü".getBytes(ISO_8859_1)))
        .containsExactly("äö", "ü");
    inputCharset = UTF_16;
    byte[] big = "a\u0a00b\nüc\n".getBytes(UTF_16);
    assertThat(texts(lines(10, UTF_8), big)).containsExactly("a\u0a00b", "üc");
    checkMarks(lines(2, UTF_8).build(), big);
    byte[] little = ("\ufeff" + "a\nb").getBytes(UTF_16LE);
    assertThat(texts(lines(10, UTF_8), little)).containsExactly("a", "b");
    checkMarks(lines(10, UTF_8).build(), little);
    inputCharset = Charset.forName("GB18030");
    byte[] chinese = "中文\n字\n".getBytes(inputCharset);
    assertThat(texts(lines(10, UTF_8), chinese)).containsExactly("中文", "字");
  }

  @Test
  void badBytesAreAnsweredByPolicy() throws IOException {
    byte[] bad = {'a', (byte) 0xff, 'b', '\n', 'c'};
    assertThatThrownBy(() -> texts(lines(10, UTF_8), bad))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("position 1");
    policy = DecodeErrorPolicy.REPLACE;
    assertThat(texts(lines(10, UTF_8), bad)).containsExactly("a\ufffdb", "c");
    policy = DecodeErrorPolicy.IGNORE;
    assertThat(texts(lines(10, UTF_8), bad)).containsExactly("ab", "c");
    inputCharset = US_ASCII;
    assertThat(texts(lines(10, US_ASCII), bad)).containsExactly("ab", "c");
  }

  @Test
  void linesOfAnyLengthAreReadThroughTheBuffer() throws IOException {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String line = "x".repeat(random.nextInt(8000)) + (i % 5 == 0 ? "ß" : "");
      expected.add(line);
      text.append(line).append('\n');
    }

    assertThat(texts(lines(10_000, UTF_8), text.toString().getBytes(UTF_8))).isEqualTo(expected);
  }

  @Test
  void blobsAreCutIntoPieces() throws IOException {
    EventDeserializer.Factory factory =
        new BlobDeserializerOptions(DataSize.ofBytes(100_000)).build();
    byte[] content = new byte[250_000];
    new Random(1).nextBytes(content);

    List<Read> pieces = read(factory, content, 0, 0);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (Read piece : pieces) {
      joined.write(piece.body());
    }
    assertThat(pieces).hasSize(3);
    assertThat(joined.toByteArray()).isEqualTo(content);
    checkMarks(factory, content);
    assertThat(read(factory, new byte[0], 0, 0)).isEmpty();
  }

  private static final Schema SCHEMA =
      SchemaBuilder.record("R").fields().requiredString("s").requiredLong("n").endRecord();

  private static byte[] container(CodecFactory codec, int records) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
      writer.setCodec(codec);
      writer.setSyncInterval(100);
      writer.create(SCHEMA, bytes);
      for (int i = 0; i < records; i++) {
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("s", "text " + i);
        record.put("n", (long) i);
        writer.append(record);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void recordsOfAContainerAreEventsAndReadingGoesOnFromAnyOfThem() throws IOException {
    EventDeserializer.Factory factory = new AvroDeserializerOptions(SchemaType.LITERAL).build();
    for (CodecFactory codec : List.of(CodecFactory.nullCodec(), CodecFactory.deflateCodec(6))) {
      byte[] content = container(codec, 60);
      List<Read> all = read(factory, content, 0, 0);

      assertThat(all).hasSize(60);
      for (int i = 0; i < 60; i++) {
        GenericRecord record =
            new GenericDatumReader<GenericRecord>(SCHEMA)
                .read(null, DecoderFactory.get().binaryDecoder(all.get(i).body(), null));
        assertThat(record.get("n")).isEqualTo((long) i);
      }
      assertThat(lastHeaders).isEqualTo(Map.of("flume.avro.schema.literal", SCHEMA.toString()));
      checkMarks(factory, content);
    }
    assertThat(read(factory, container(CodecFactory.nullCodec(), 0), 0, 0)).isEmpty();
  }

  @Test
  void theSchemaIsNamedByItsHash() throws IOException {
    read(
        new AvroDeserializerOptions(SchemaType.HASH).build(),
        container(CodecFactory.nullCodec(), 1),
        0,
        0);

    assertThat(lastHeaders).containsOnlyKeys("flume.avro.schema.hash");
    assertThat(lastHeaders.get("flume.avro.schema.hash")).matches("[0-9a-f]{16}");
  }

  @Test
  void whatIsNoContainerIsMalformed() throws IOException {
    EventDeserializer.Factory factory = new AvroDeserializerOptions(SchemaType.HASH).build();
    assertThatThrownBy(() -> read(factory, "no container".getBytes(UTF_8), 0, 0))
        .isInstanceOf(MalformedFileException.class);
    byte[] cut = Arrays.copyOf(container(CodecFactory.nullCodec(), 60), 700);
    assertThatThrownBy(() -> read(factory, cut, 0, 0)).isInstanceOf(MalformedFileException.class);
  }

  @Test
  void aReadThatFailsIsNoMalformedContainer() throws IOException {
    Schema schema = Schema.create(Schema.Type.STRING);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<String> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setSyncInterval(10_000).create(schema, bytes);
      for (int i = 0; i < 5_000; i++) {
        writer.append("record " + i);
      }
    }
    Path file = Files.write(directory.resolve("file"), bytes.toByteArray());
    EventDeserializer.Factory factory = new AvroDeserializerOptions(SchemaType.HASH).build();
    int failures = 0;
    while (isFailureSeen(factory, file, failures)) {
      failures++;
    }

    assertThat(failures).isGreaterThan(5);
  }

  /** Whether so many reads can be done that the next one fails. */
  private boolean isFailureSeen(EventDeserializer.Factory factory, Path file, int readsBefore)
      throws IOException {
    IOException failure = new IOException("Input/output error");
    try (FileContent open = FileContent.open(file);
        EventDeserializer deserializer =
            factory.open(
                new FailingContent(open, readsBefore, failure),
                0,
                new EventDeserializer.Setting(inputCharset, policy, 1 << 20, metrics))) {
      while (deserializer.next((headers, array, offset, length) -> {})) {
        // On to its end.
      }
      return false;
    } catch (IOException e) {
      assertThat(e).isSameAs(failure);
      return true;
    }
  }

  private static final class FailingContent implements EventDeserializer.Content {
    private final EventDeserializer.Content content;
    private final IOException failure;
    private int readsLeft;

    FailingContent(EventDeserializer.Content content, int reads, IOException failure) {
      this.content = content;
      this.readsLeft = reads;
      this.failure = failure;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (readsLeft-- == 0) {
        throw failure;
      }
      return content.read(target, offset, length);
    }

    @Override
    public long position() {
      return content.position();
    }

    @Override
    public void seek(long position) throws IOException {
      content.seek(position);
    }

    @Override
    public long length() throws IOException {
      return content.length();
    }
  }
}
