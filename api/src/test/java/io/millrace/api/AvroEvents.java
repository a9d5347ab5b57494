/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Events as the Avro library sees them, written in every shape that Avro allows, to hold our own
 * encoding against. Stateless.
 */
final class AvroEvents {
  static final Schema BATCH =
      new Schema.Parser()
          .parse(
              "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"E\",\"fields\":["
                  + "{\"name\":\"headers\",\"type\":{\"type\":\"map\",\"values\":\"string\"}},"
                  + "{\"name\":\"body\",\"type\":\"bytes\"}]}}");

  private AvroEvents() {}

  /** An event by value; the body as hexadecimal text. */
  record Event(Map<String, String> headers, String bodyHex) {
    byte[] body() {
      return HexFormat.of().parseHex(bodyHex);
    }

    Event with(String name, String value) {
      Map<String, String> changed = new LinkedHashMap<>(headers);
      changed.put(name, value);
      return new Event(changed, bodyHex);
    }
  }

  static Arbitrary<List<Event>> lists() {
    Arbitrary<String> names =
        Arbitraries.oneOf(
            Arbitraries.of("host", "timestamp", "h", "hö", "hos", "hosts", ""),
            Arbitraries.strings().excludeChars(surrogates()).ofMaxLength(8));
    Arbitrary<String> values =
        Arbitraries.strings().excludeChars(surrogates()).ofMinLength(0).ofMaxLength(80);
    Arbitrary<Map<String, String>> headers = Arbitraries.maps(names, values).ofMaxSize(4);
    Arbitrary<String> bodies =
        Arbitraries.bytes()
            .array(byte[].class)
            .ofMaxSize(150)
            .map(body -> HexFormat.of().formatHex(body));
    return Combinators.combine(headers, bodies).as(Event::new).list().ofMaxSize(12);
  }

  /** Halves of pairs are not text and have no UTF-8. */
  private static char[] surrogates() {
    StringBuilder all = new StringBuilder();
    for (char c = Character.MIN_SURROGATE; c <= Character.MAX_SURROGATE; c++) {
      all.append(c);
    }
    return all.toString().toCharArray();
  }

  /** Encodes with blocks of random sizes, about half of them with negative counts and sizes. */
  static byte[] encode(List<Event> events, Random shape) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      writeBlocks(encoder, events, shape, (target, event) -> writeEvent(target, event, shape));
      encoder.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private interface ItemWriter<T> {
    void write(BinaryEncoder target, T item) throws IOException;
  }

  private static <T> void writeBlocks(
      BinaryEncoder encoder, List<T> items, Random shape, ItemWriter<T> writer) throws IOException {
    int from = 0;
    while (from < items.size()) {
      int to = from + 1 + shape.nextInt(items.size() - from);
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      BinaryEncoder blockEncoder = EncoderFactory.get().directBinaryEncoder(block, null);
      for (T item : items.subList(from, to)) {
        writer.write(blockEncoder, item);
      }
      blockEncoder.flush();
      if (shape.nextBoolean()) {
        encoder.writeLong(-(to - from));
        encoder.writeLong(block.size());
      } else {
        encoder.writeLong(to - from);
      }
      encoder.writeFixed(block.toByteArray());
      from = to;
    }
    encoder.writeLong(0);
  }

  private static void writeEvent(BinaryEncoder target, Event event, Random shape)
      throws IOException {
    writeBlocks(
        target,
        List.copyOf(event.headers().entrySet()),
        shape,
        (encoder, header) -> {
          encoder.writeString(header.getKey());
          encoder.writeString(header.getValue());
        });
    target.writeBytes(event.body());
  }

  /** What the Avro library reads from the encoding, which it must read to its end. */
  static List<Event> decode(EventBatch batch) {
    byte[] bytes = new byte[batch.encodedBytes()];
    batch.copyTo(bytes, 0);
    try {
      BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
      List<GenericRecord> records =
          new GenericDatumReader<List<GenericRecord>>(BATCH).read(null, decoder);
      if (!decoder.isEnd()) {
        throw new AssertionError("bytes follow the array");
      }
      return records.stream().map(AvroEvents::event).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Event event(GenericRecord record) {
    Map<String, String> headers = new LinkedHashMap<>();
    ((Map<?, ?>) record.get("headers"))
        .forEach((name, value) -> headers.put(name.toString(), value.toString()));
    ByteBuffer body = (ByteBuffer) record.get("body");
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    return new Event(headers, HexFormat.of().formatHex(bytes));
  }

  /** What our views show, each header both on its own and with the others. */
  static List<Event> views(EventBatch batch) {
    List<Event> events = new ArrayList<>();
    for (EventView view : batch) {
      Map<String, String> headers = view.headers();
      headers.forEach(
          (name, value) -> {
            // A name that is no UTF-8 shows as something that does not find it again.
            if (name.indexOf('\uFFFD') < 0 && !value.equals(view.header(name))) {
              throw new AssertionError(name + ": " + view.header(name) + ", in all: " + value);
            }
          });
      events.add(new Event(headers, HexFormat.of().formatHex(view.body())));
    }
    return events;
  }

  static EventBatch built(List<Event> events) {
    EventBatch.Builder builder = EventBatch.builder();
    events.forEach(event -> builder.add(EncodedHeaders.of(event.headers()), event.body()));
    return builder.build();
  }

  static Event event(String body, String... headers) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      map.put(headers[i], headers[i + 1]);
    }
    return new Event(map, HexFormat.of().formatHex(body.getBytes(StandardCharsets.UTF_8)));
  }
}
