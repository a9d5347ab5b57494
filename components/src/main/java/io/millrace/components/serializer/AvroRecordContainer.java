/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.serializer;

import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;

/**
 * Writes bodies, each a record in Avro binary, into an Avro container; its schema is that of the
 * first event. Bodies are not looked into, as in Flume. Confined to the thread that writes the
 * file.
 */
final class AvroRecordContainer implements EventSerializer {
  static final String SCHEMA_LITERAL = "flume.avro.schema.literal";
  static final String SCHEMA_URL = "flume.avro.schema.url";

  private final OutputStream target;
  private final int syncIntervalBytes;
  private final CodecFactory codec;
  private final Schemas schemas;
  private DataFileWriter<Object> writer;

  /** Finds schemas. */
  @FunctionalInterface
  interface Schemas {
    /**
     * The schema at an address, or without one that of the configuration.
     *
     * @throws IOException when there is none
     */
    Schema find(Optional<String> url) throws IOException;
  }

  AvroRecordContainer(
      OutputStream target, int syncIntervalBytes, CodecFactory codec, Schemas schemas) {
    this.target = target;
    this.syncIntervalBytes = syncIntervalBytes;
    this.codec = codec;
    this.schemas = schemas;
  }

  @Override
  public void write(EventView event) throws IOException {
    if (writer == null) {
      open(schemaOf(event));
    }
    writer.appendEncoded(java.nio.ByteBuffer.wrap(event.body()));
  }

  private Schema schemaOf(EventView event) throws IOException {
    Optional<String> url = Optional.ofNullable(event.header(SCHEMA_URL));
    String literal = event.header(SCHEMA_LITERAL);
    if (url.isEmpty() && literal != null) {
      return AvroRecordSerializerOptions.parse(literal);
    }
    return schemas.find(url);
  }

  private void open(Schema schema) throws IOException {
    DataFileWriter<Object> opened = new DataFileWriter<>(new GenericDatumWriter<>(schema));
    opened.setSyncInterval(syncIntervalBytes);
    opened.setCodec(codec);
    opened.create(schema, target);
    writer = opened;
  }

  @Override
  public void flush() throws IOException {
    if (writer != null) {
      writer.flush();
    }
  }

  @Override
  public void end() throws IOException {
    // Not close(): the stream is not ours.
    flush();
  }
}
