/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.io.compress.CodecPool;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;

/**
 * A file of what a serializer writes, compressed or not. When it is compressed each sync ends a
 * member, as with Flume: what readers of these formats take for one stream.
 */
final class StreamFile implements EventFile {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final FileFormat format;
  private final FSDataOutputStream stream;
  private final OutputStream target;
  private final EventSerializer serializer;

  /** Null when it is not compressed. */
  private final CompressionOutputStream compressed;

  private final Compressor compressor;

  /** Whether the last member was ended and no other begun. */
  private boolean isMemberEnded;

  StreamFile(
      FileFormat format,
      FSDataOutputStream stream,
      Configuration configuration,
      CompressionCodec codec,
      EventSerializer.Factory serializers)
      throws IOException {
    this.format = format;
    this.stream = stream;
    if (codec == null) {
      compressor = null;
      compressed = null;
      target = new BufferedOutputStream(stream, BUFFER_BYTES);
    } else {
      compressor = CodecPool.getCompressor(codec, configuration);
      compressed = codec.createOutputStream(stream, compressor);
      target = new BufferedOutputStream(new Members(), BUFFER_BYTES);
    }
    serializer = serializers.open(target);
    serializer.begin();
  }

  /** Begins a member when there is something to put into it. */
  private final class Members extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (isMemberEnded) {
        compressed.resetState();
        isMemberEnded = false;
      }
      compressed.write(bytes, offset, length);
    }
  }

  @Override
  public void write(EventView event) throws IOException {
    serializer.write(event);
  }

  @Override
  public void sync() throws IOException {
    serializer.flush();
    endMember();
    format.sync(stream);
  }

  private void endMember() throws IOException {
    target.flush();
    if (compressed != null && !isMemberEnded) {
      compressed.finish();
      isMemberEnded = true;
    }
  }

  @Override
  public void close() throws IOException {
    serializer.end();
    endMember();
    format.syncBeforeClose(stream);
    stream.close();
    returnCompressor();
  }

  @Override
  public void closeStream() throws IOException {
    stream.close();
  }

  @Override
  public void abort() throws IOException {
    FileFormat.abort(stream);
  }

  private void returnCompressor() {
    if (compressor != null) {
      CodecPool.returnCompressor(compressor);
    }
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
