/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;

/** What the disk can do: writes over blocks that are allocated already, each synced. */
public final class DiskProbe {
  private static final int FILE_BYTES = 512 * 1024 * 1024;
  private static final int CHUNK_BYTES = 4 * 1024 * 1024;

  private DiskProbe() {}

  /**
   * Synced writes.
   *
   * @param syncs4KiBPerSecond writes of 4 KiB, each followed by an fdatasync
   * @param syncs512KiBPerSecond the same with 512 KiB
   * @param bytesPerSecond writes of 4 MiB, each followed by an fdatasync
   */
  public record Result(
      double syncs4KiBPerSecond, double syncs512KiBPerSecond, double bytesPerSecond) {}

  /** Measures in a file of its own in {@code directory}, each of three figures for a while. */
  public static Result measure(Path directory, Duration each) throws IOException {
    Path file = Files.createTempFile(directory, "disk-probe", ".tmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
      byte[] noise = new byte[CHUNK_BYTES];
      new Random(1).nextBytes(noise);
      chunk.put(noise);
      for (long position = 0; position < FILE_BYTES; position += CHUNK_BYTES) {
        write(channel, chunk, CHUNK_BYTES, position);
      }
      channel.force(true);
      double small = syncsPerSecond(channel, chunk, 4 * 1024, each);
      double large = syncsPerSecond(channel, chunk, 512 * 1024, each);
      double bytes = syncsPerSecond(channel, chunk, CHUNK_BYTES, each) * CHUNK_BYTES;
      return new Result(small, large, bytes);
    } finally {
      Files.delete(file);
    }
  }

  private static double syncsPerSecond(
      FileChannel channel, ByteBuffer chunk, int writeBytes, Duration time) throws IOException {
    long startNanos = System.nanoTime();
    long elapsedNanos;
    long syncs = 0;
    do {
      write(channel, chunk, writeBytes, syncs * writeBytes % FILE_BYTES);
      channel.force(false);
      syncs++;
      elapsedNanos = System.nanoTime() - startNanos;
    } while (elapsedNanos < time.toNanos());
    return syncs / (elapsedNanos / 1e9);
  }

  private static void write(FileChannel channel, ByteBuffer chunk, int bytes, long position)
      throws IOException {
    chunk.position(0).limit(bytes);
    long at = position;
    while (chunk.hasRemaining()) {
      at += channel.write(chunk, at);
    }
  }
}
