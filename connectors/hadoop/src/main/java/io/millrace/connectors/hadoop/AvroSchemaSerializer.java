/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import io.millrace.api.RejectedException;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;

/**
 * Writes bodies that are encoded records into an Avro container whose schema the first event
 * chooses. Confined to the thread that writes the file.
 */
final class AvroSchemaSerializer implements EventSerializer {
  private final OutputStream target;
  private final AvroSchemas schemas;
  private final DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>());

  /** Where the file's schema is from; null before the first event. */
  private String source;

  AvroSchemaSerializer(
      OutputStream target, AvroSchemas schemas, int syncIntervalBytes, CodecFactory codec) {
    this.target = target;
    this.schemas = schemas;
    writer.setSyncInterval(syncIntervalBytes);
    writer.setCodec(codec);
  }

  @Override
  public void write(EventView event) throws IOException {
    String its = AvroSchemas.source(event);
    if (source == null) {
      Schema schema = schemas.of(event);
      writer.create(schema, target);
      source = its;
    } else if (!its.equals(source) && !its.isEmpty()) {
      throw new RejectedException(
          "its schema is not the one of the file it would go to; put a header that tells schemas"
              + " apart into hdfs.path or hdfs.filePrefix");
    }
    writer.appendEncoded(event.bodyBuffer());
  }

  @Override
  public void flush() throws IOException {
    if (source != null) {
      writer.flush();
    }
  }

  @Override
  public void end() throws IOException {
    flush();
  }
}
