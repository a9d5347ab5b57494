/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.content;

import io.millrace.api.EventDeserializer.Content;
import io.millrace.api.EventDeserializer.MalformedFileException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * The content of a file, decompressed if need be. A file that is compressed and cut short, or
 * damaged, is malformed, and so is one that inflates to more than {@link #MAX_RATIO} times its size
 * and {@link #MAX_UNSUSPECTED_BYTES}. Memory: the window of the compression. Confined to the thread
 * that reads.
 */
public final class FileContent implements Content, Closeable {
  /** No gzip file reaches it; logs in zstd have a hundredth of it. */
  public static final long MAX_RATIO = 2_000;

  /** A content up to here may have any ratio. */
  public static final long MAX_UNSUSPECTED_BYTES = 1L << 30;

  private static final int SKIP_BYTES = 64 << 10;

  private final FileChannel channel;
  private final Compression compression;
  private final Path path;
  private final BooleanSupplier isStopping;
  private long position;

  /** Null until something is read of a compressed file, and when that is over. */
  InputStream inflated;

  private long inflatedPosition;
  private IOException readFailure;

  /** The cause of a malformed file that inflates to too much, and is not only cut short. */
  public static final class RatioExceededException extends IOException {
    private static final long serialVersionUID = 1L;

    private RatioExceededException(String message) {
      super(message);
    }
  }

  private FileContent(
      FileChannel channel, Compression compression, Path path, BooleanSupplier isStopping) {
    this.channel = channel;
    this.compression = compression;
    this.path = path;
    this.isStopping = isStopping;
  }

  /** Opens a file, and finds out how it is compressed. */
  public static FileContent open(Path path) throws IOException {
    return open(path, () -> false);
  }

  /**
   * As {@link #open(Path)}. To reach a position in what is compressed all before it is inflated,
   * which may take minutes.
   *
   * @param isStopping ends that with an {@link InterruptedIOException}
   */
  public static FileContent open(Path path, BooleanSupplier isStopping) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new FileContent(channel, compression(channel), path, isStopping);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Compression compression(FileChannel channel) throws IOException {
    byte[] head = new byte[Compression.MAGIC_BYTES];
    int read = 0;
    while (read < head.length) {
      int count = channel.read(ByteBuffer.wrap(head, read, head.length - read), read);
      if (count < 0) {
        break;
      }
      read += count;
    }
    return Compression.of(head, read);
  }

  /** How the file is compressed. */
  public Compression compression() {
    return compression;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    int count;
    if (compression == Compression.NONE) {
      count = channel.read(ByteBuffer.wrap(target, offset, length), position);
    } else {
      reachPosition();
      count = inflate(target, offset, length);
    }
    if (count > 0) {
      position += count;
    }
    return count;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void seek(long newPosition) {
    if (newPosition < 0) {
      throw new IllegalArgumentException("newPosition: " + newPosition + " (expected: 0 or more)");
    }
    position = newPosition;
  }

  @Override
  public long length() throws IOException {
    return compression == Compression.NONE ? channel.size() : Long.MAX_VALUE;
  }

  private void reachPosition() throws IOException {
    if (inflated == null || inflatedPosition > position) {
      endInflating();
      inflatedPosition = 0;
      try {
        inflated = compression.inflate(new Compressed());
      } catch (IOException e) {
        throw malformed(e);
      }
    }
    byte[] skipped = new byte[(int) Math.min(SKIP_BYTES, position - inflatedPosition)];
    while (inflatedPosition < position) {
      if (isStopping.getAsBoolean()) {
        throw new InterruptedIOException(
            path.getFileName()
                + ": position "
                + position
                + " is not reached, since reading ends; "
                + inflatedPosition
                + " bytes were inflated");
      }
      int wanted = (int) Math.min(skipped.length, position - inflatedPosition);
      if (inflate(skipped, 0, wanted) < 0) {
        return;
      }
    }
  }

  private int inflate(byte[] target, int offset, int length) throws IOException {
    try {
      int count = inflated.read(target, offset, length);
      inflatedPosition += Math.max(0, count);
      requireRatio();
      return count;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** A few bytes may stand for so many that nothing else is ever read. */
  private void requireRatio() throws IOException {
    if (inflatedPosition > MAX_UNSUSPECTED_BYTES && inflatedPosition / MAX_RATIO > channel.size()) {
      throw new RatioExceededException(
          "more than "
              + MAX_RATIO
              + " times the "
              + channel.size()
              + " bytes of the file (expected: less, beyond "
              + MAX_UNSUSPECTED_BYTES
              + " bytes)");
    }
  }

  /** What cannot be inflated is malformed, unless it could not be read. */
  private IOException malformed(IOException reason) {
    endInflating();
    if (readFailure != null) {
      IOException failure = readFailure;
      readFailure = null;
      return failure;
    }
    return new MalformedFileException(
        path.getFileName()
            + ": its compressed content ends or breaks behind "
            + inflatedPosition
            + " bytes: "
            + reason.getMessage(),
        reason);
  }

  /**
   * Gives back the window of the compression, which lies outside of the heap. What is read after
   * that is inflated from the beginning.
   */
  public void endInflating() {
    if (inflated == null) {
      return;
    }
    try {
      inflated.close();
    } catch (IOException e) {
      // Nothing was written through it.
    }
    inflated = null;
  }

  @Override
  public void close() throws IOException {
    endInflating();
    channel.close();
  }

  /** The bytes of the file from its beginning. */
  private final class Compressed extends InputStream {
    private long at;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        int count = channel.read(ByteBuffer.wrap(target, offset, length), at);
        at += Math.max(0, count);
        return count;
      } catch (IOException e) {
        readFailure = e;
        throw e;
      }
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(Integer.MAX_VALUE, Math.max(0, channel.size() - at));
    }
  }
}
