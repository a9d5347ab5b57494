/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.EventDeserializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Cuts the blocks of an Avro container into records, which are passed over and never decoded. Its
 * marks are those of Flume: the sync marker before a block.
 */
final class AvroDeserializer implements EventDeserializer {
  private final Content content;
  private final DataFileReader<Object> reader;
  private final Schema schema;
  private final Map<String, String> headers;
  private final long firstMark;
  private BinaryDecoder decoder;
  private byte[] block = new byte[0];
  private int recordOffset;
  private int blockLimit;
  private long recordsLeft;
  private long recordsRead;
  private long mark;

  private AvroDeserializer(
      Content content, DataFileReader<Object> reader, Map<String, String> headers) {
    this.content = content;
    this.reader = reader;
    this.schema = reader.getSchema();
    this.headers = headers;
    this.firstMark = reader.previousSync() - DataFileConstants.SYNC_SIZE;
    this.mark = firstMark;
  }

  static AvroDeserializer open(Content content, long mark, AvroDeserializerOptions.SchemaType type)
      throws IOException {
    try {
      content.seek(0);
      DataFileReader<Object> reader =
          new DataFileReader<>(new Seekable(content), new GenericDatumReader<>());
      AvroDeserializer deserializer =
          new AvroDeserializer(content, reader, headers(reader.getSchema(), type));
      if (mark > deserializer.firstMark) {
        reader.sync(mark);
        deserializer.mark = reader.previousSync() - DataFileConstants.SYNC_SIZE;
      }
      return deserializer;
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      Seekable.throwIfOfContent(e);
      throw new MalformedFileException("it is no Avro container: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> headers(
      Schema schema, AvroDeserializerOptions.SchemaType type) {
    return switch (type) {
      case HASH -> Map.of("flume.avro.schema.hash", fingerprint(schema));
      case LITERAL -> Map.of("flume.avro.schema.literal", schema.toString());
    };
  }

  private static String fingerprint(Schema schema) {
    try {
      return HexFormat.of()
          .formatHex(SchemaNormalization.parsingFingerprint("CRC-64-AVRO", schema));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Avro's own algorithm is missing", e);
    }
  }

  @Override
  public boolean next(Events events) throws IOException {
    try {
      while (recordsLeft == 0) {
        if (!nextBlock()) {
          return false;
        }
      }
      GenericDatumReader.skip(schema, decoder);
      int end = blockLimit - decoder.inputStream().available();
      events.add(headers, block, recordOffset, end - recordOffset);
      recordOffset = end;
      recordsLeft--;
      recordsRead++;
      if (recordsLeft == 0) {
        finishBlock();
      }
      return true;
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      Seekable.throwIfOfContent(e);
      throw malformed(e);
    }
  }

  private boolean nextBlock() throws IOException {
    if (!reader.hasNext()) {
      // Avro takes a block that is cut short for the end.
      if (content.position() > reader.previousSync()) {
        throw new MalformedFileException("it ends within the block behind position " + mark);
      }
      return false;
    }
    ByteBuffer bytes = reader.nextBlock();
    recordsLeft = reader.getBlockCount();
    recordsRead = 0;
    block = bytes.array();
    recordOffset = bytes.arrayOffset() + bytes.position();
    blockLimit = recordOffset + bytes.remaining();
    decoder = DecoderFactory.get().binaryDecoder(block, recordOffset, bytes.remaining(), null);
    if (recordsLeft == 0) {
      finishBlock();
    }
    return true;
  }

  private void finishBlock() throws IOException {
    if (recordOffset != blockLimit) {
      throw new MalformedFileException(
          "the block behind position "
              + mark
              + " has "
              + (blockLimit - recordOffset)
              + " bytes more than its records");
    }
    mark = reader.previousSync() - DataFileConstants.SYNC_SIZE;
    recordsRead = 0;
  }

  private MalformedFileException malformed(Exception reason) {
    return new MalformedFileException(
        "the block behind position " + mark + " is no Avro data: " + reason.getMessage(), reason);
  }

  @Override
  public long mark() {
    return mark;
  }

  @Override
  public long eventsBehindMark() {
    return recordsRead;
  }

  /** The content for Avro. What fails in reading it is told from what Avro makes of it. */
  private static final class Seekable implements SeekableInput {
    private final Content content;

    Seekable(Content content) {
      this.content = content;
    }

    /** Throws what failed if that was reading, and not what was read; Avro may have wrapped it. */
    static void throwIfOfContent(Throwable thrown) throws IOException {
      for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
        if (cause instanceof ContentFailure failure) {
          throw failure.reason;
        }
      }
    }

    private static final class ContentFailure extends Exception {
      private static final long serialVersionUID = 1L;

      private final IOException reason;

      ContentFailure(IOException reason) {
        super(reason);
        this.reason = reason;
      }
    }

    @Override
    public void seek(long position) throws IOException {
      content.seek(position);
    }

    @Override
    public long tell() {
      return content.position();
    }

    @Override
    public long length() throws IOException {
      return content.length();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return content.read(target, offset, length);
      } catch (MalformedFileException e) {
        throw e;
      } catch (IOException e) {
        throw new IOException(e.getMessage(), new ContentFailure(e));
      }
    }

    @Override
    public void close() {
      // The content is closed by who opened it.
    }
  }
}
