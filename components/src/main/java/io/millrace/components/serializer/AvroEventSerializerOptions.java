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
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;

/** Options of the Avro container serializer. Immutable. */
@Component(
    kind = ComponentKind.SERIALIZER,
    name = "avro_event",
    flumeClasses = {
      "org.apache.flume.serialization.FlumeEventAvroEventSerializer$Builder",
      "org.apache.flume.serialization.FlumeEventAvroEventSerializer"
    },
    summary = "Writes an Avro container of records with headers and body.")
public record AvroEventSerializerOptions(
    @Option(
            doc = "Bytes of a block before it is written; a flush ends a block early.",
            def = "2048000",
            bareUnit = BareUnit.BYTES,
            min = 32,
            max = 1 << 30)
        DataSize syncIntervalBytes,
    @Option(doc = "How blocks are compressed.", def = "null", fallsBack = true)
        Compression compressionCodec)
    implements SerializerOptions {
  /** Avro's codecs by their names in the file. */
  public enum Compression {
    NULL("none"),
    DEFLATE("none"),
    BZIP2("org.apache.commons:commons-compress"),
    SNAPPY("org.xerial.snappy:snappy-java"),
    XZ("org.tukaani:xz"),
    ZSTANDARD("com.github.luben:zstd-jni");

    /** Artifact that Avro asks for; not all come with us. */
    private final String library;

    Compression(String library) {
      this.library = library;
    }

    CodecFactory factory() {
      return CodecFactory.fromString(name().toLowerCase(Locale.ROOT));
    }
  }

  @Override
  public EventSerializer.Factory build() {
    check(compressionCodec, compressionCodec.factory());
    return this::open;
  }

  private EventSerializer open(OutputStream target) {
    return new AvroContainer(
        target, Math.toIntExact(syncIntervalBytes.bytes()), compressionCodec.factory());
  }

  /** Compresses a block once, so that a missing library is found at the start, not at the store. */
  static void check(Compression codec, CodecFactory factory) {
    try (DataFileWriter<Object> probe = new DataFileWriter<>(new GenericDatumWriter<>())) {
      probe.setCodec(factory);
      probe.create(AvroContainer.SCHEMA, OutputStream.nullOutputStream());
      probe.appendEncoded(ByteBuffer.wrap(new byte[] {0, 0}));
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new ConfigurationException(
          "compressionCodec",
          "codec "
              + codec.name().toLowerCase(Locale.ROOT)
              + " does not work here: "
              + e
              + " (expected: the library "
              + codec.library
              + " on the class path); add it, or use null or deflate");
    }
  }
}
