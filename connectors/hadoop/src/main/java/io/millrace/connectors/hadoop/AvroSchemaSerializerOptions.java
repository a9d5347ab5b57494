/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.SerializerOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;

/** Options of the serializer for bodies that are Avro already. Immutable. */
@Component(
    kind = ComponentKind.SERIALIZER,
    name = "avro_schema",
    flumeClasses = {
      "org.apache.flume.sink.hdfs.AvroEventSerializer$Builder",
      "org.apache.flume.sink.hdfs.AvroEventSerializer"
    },
    summary =
        "Writes an Avro container of bodies that are encoded records; the schema comes with the"
            + " events or from a URL.")
public record AvroSchemaSerializerOptions(
    @Option(
            doc = "Bytes of a block before it is written; a sync ends a block early.",
            def = "2048000",
            bareUnit = BareUnit.BYTES,
            min = 32,
            max = 1 << 30)
        DataSize syncIntervalBytes,
    @Option(
            doc = "How blocks are compressed: null, deflate, snappy, bzip2 or zstandard.",
            def = "null")
        String compressionCodec,
    @Option(
            name = "schemaURL",
            doc = "Where the schema is when the first event of a file does not say.")
        Optional<String> schemaUrl,
    @Option(
            name = "millrace.schemaURLs",
            doc =
                "With what a URL in the header flume.avro.schema.url must begin to be read; others"
                    + " are rejected with their events.")
        List<String> allowedUrls)
    implements SerializerOptions {
  public AvroSchemaSerializerOptions {
    allowedUrls = List.copyOf(allowedUrls);
  }

  @Override
  public EventSerializer.Factory build() {
    try (DataFileWriter<Object> probe = new DataFileWriter<>(new GenericDatumWriter<>())) {
      probe.setCodec(codec());
      probe.create(Schema.create(Schema.Type.INT), OutputStream.nullOutputStream());
      probe.appendEncoded(ByteBuffer.wrap(new byte[] {0}));
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new ConfigurationException(
          "compressionCodec", "codec " + compressionCodec + " does not work here: " + e);
    }
    AvroSchemas schemas = new AvroSchemas(schemaUrl, allowedUrls);
    return target ->
        new AvroSchemaSerializer(
            target, schemas, Math.toIntExact(syncIntervalBytes.bytes()), codec());
  }

  private CodecFactory codec() {
    return CodecFactory.fromString(compressionCodec);
  }
}
