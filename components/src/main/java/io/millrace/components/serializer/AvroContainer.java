/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.serializer;

import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;

/**
 * Writes events into an Avro container; an event's encoding already is the record's. Confined to
 * the thread that writes the file.
 */
final class AvroContainer implements EventSerializer {
  /** As Flume writes it: no namespace, headers before body. */
  static final Schema SCHEMA =
      SchemaBuilder.record("Event")
          .fields()
          .name("headers")
          .type()
          .map()
          .values()
          .stringType()
          .noDefault()
          .name("body")
          .type()
          .bytesType()
          .noDefault()
          .endRecord();

  private final OutputStream target;
  private final DataFileWriter<Object> writer;

  AvroContainer(OutputStream target, int syncIntervalBytes, CodecFactory codec) {
    this.target = target;
    this.writer = new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA));
    writer.setSyncInterval(syncIntervalBytes);
    writer.setCodec(codec);
  }

  @Override
  public void begin() throws IOException {
    writer.create(SCHEMA, target);
  }

  @Override
  public void write(EventView event) throws IOException {
    writer.appendEncoded(event.encoded());
  }

  @Override
  public void flush() throws IOException {
    writer.flush();
  }

  @Override
  public void end() throws IOException {
    // Not close(): the stream is not ours.
    writer.flush();
  }
}
