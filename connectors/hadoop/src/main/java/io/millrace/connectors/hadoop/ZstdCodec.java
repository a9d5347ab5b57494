/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionInputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;
import org.apache.hadoop.io.compress.Decompressor;

/**
 * Zstandard for streams, by zstd-jni: Hadoop's own codec needs Hadoop's native library. Frames one
 * after the other, which every reader of the format takes for one stream. Immutable.
 */
final class ZstdCodec implements CompressionCodec {
  @Override
  public CompressionOutputStream createOutputStream(OutputStream out) {
    return new Frames(out);
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out, Compressor compressor) {
    return new Frames(out);
  }

  private static final class Frames extends CompressionOutputStream {
    private ZstdOutputStream frame;

    Frames(OutputStream out) {
      super(out);
    }

    private ZstdOutputStream frame() throws IOException {
      if (frame == null) {
        // Ending a frame must not close what is below.
        frame =
            new ZstdOutputStream(
                new FilterOutputStream(out) {
                  @Override
                  public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                  }

                  @Override
                  public void close() {}
                });
      }
      return frame;
    }

    @Override
    public void write(int value) throws IOException {
      frame().write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      frame().write(bytes, offset, length);
    }

    @Override
    public void finish() throws IOException {
      if (frame != null) {
        frame.close();
        frame = null;
      }
    }

    @Override
    public void resetState() {
      // The next byte begins a frame.
    }
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in) throws IOException {
    return new Contents(in);
  }

  /** What frames contain that follow one another. */
  private static final class Contents extends CompressionInputStream {
    private ZstdInputStream frames;

    Contents(InputStream in) throws IOException {
      super(in);
    }

    private ZstdInputStream frames() throws IOException {
      if (frames == null) {
        // Giving frames up must not close what is below.
        frames =
            new ZstdInputStream(
                    new FilterInputStream(in) {
                      @Override
                      public void close() {}
                    })
                .setContinuous(false);
      }
      return frames;
    }

    @Override
    public int read() throws IOException {
      return frames().read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return frames().read(bytes, offset, length);
    }

    /** With what was read ahead: the reader of a sequence file lays other bytes below before. */
    @Override
    public void resetState() throws IOException {
      if (frames != null) {
        frames.close();
        frames = null;
      }
    }

    @Override
    public void close() throws IOException {
      try {
        resetState();
      } finally {
        super.close();
      }
    }
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in, Decompressor decompressor)
      throws IOException {
    return createInputStream(in);
  }

  @Override
  public Class<? extends Compressor> getCompressorType() {
    return null;
  }

  @Override
  public Compressor createCompressor() {
    return null;
  }

  @Override
  public Class<? extends Decompressor> getDecompressorType() {
    return null;
  }

  @Override
  public Decompressor createDecompressor() {
    return null;
  }

  @Override
  public String getDefaultExtension() {
    return ".zst";
  }
}
