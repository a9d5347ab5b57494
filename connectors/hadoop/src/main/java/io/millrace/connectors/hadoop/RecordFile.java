/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventView;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.io.compress.CompressionCodec;

/**
 * A SequenceFile: the key is the event's time in milliseconds, the value its body. Compressed by
 * blocks when there is a codec; each sync ends a block, so that what was synced can be read.
 */
final class RecordFile implements EventFile {
  private final FileFormat format;
  private final FSDataOutputStream stream;
  private final SequenceFile.Writer writer;
  private final boolean isCompressed;
  private final boolean isText;
  private final LongWritable key = new LongWritable();
  private final BytesWritable bytes = new BytesWritable();
  private final Text text = new Text();

  RecordFile(
      FileFormat format,
      FSDataOutputStream stream,
      Configuration configuration,
      CompressionCodec codec,
      HdfsSinkOptions options)
      throws IOException {
    this.format = format;
    this.stream = stream;
    this.isCompressed = codec != null;
    this.isText = options.writeFormat().equals("Text");
    this.writer =
        SequenceFile.createWriter(
            configuration,
            SequenceFile.Writer.stream(stream),
            SequenceFile.Writer.keyClass(LongWritable.class),
            SequenceFile.Writer.valueClass(isText ? Text.class : BytesWritable.class),
            codec == null
                ? SequenceFile.Writer.compression(SequenceFile.CompressionType.NONE)
                : SequenceFile.Writer.compression(SequenceFile.CompressionType.BLOCK, codec));
  }

  @Override
  public void write(EventView event) throws IOException {
    key.set(millis(event.header("timestamp")));
    writer.append(key, value(event));
  }

  /** Valid until the next call; the writer copies it. */
  private Writable value(EventView event) {
    int length = event.bodyBytes();
    bytes.setSize(length);
    event.bodyBuffer().get(bytes.getBytes(), 0, length);
    if (isText) {
      text.set(bytes.getBytes(), 0, length);
      return text;
    }
    return bytes;
  }

  private static long millis(String header) {
    if (header != null) {
      try {
        return Long.parseLong(header);
      } catch (NumberFormatException e) {
        // As an event without time.
        return System.currentTimeMillis();
      }
    }
    return System.currentTimeMillis();
  }

  @Override
  public void sync() throws IOException {
    if (isCompressed) {
      writer.sync();
    }
    format.sync(stream);
  }

  @Override
  public void close() throws IOException {
    writer.close();
    format.syncBeforeClose(stream);
    stream.close();
  }

  @Override
  public void closeStream() throws IOException {
    stream.close();
  }

  @Override
  public void abort() throws IOException {
    FileFormat.abort(stream);
  }

  @Override
  public boolean canSync() {
    return FileFormat.canSync(stream);
  }

  @Override
  public int replicas() throws IOException {
    return FileFormat.replicas(stream);
  }
}
