/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.millrace.api.EventDeserializer.MalformedFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileContentTest {
  private static final int CHUNK_BYTES = 1 << 20;

  @TempDir private Path temporary;

  private final byte[] chunk = new byte[CHUNK_BYTES];

  private static void writeZeros(OutputStream target, long bytes) throws IOException {
    byte[] zeros = new byte[CHUNK_BYTES];
    try (target) {
      for (long written = 0; written < bytes; written += zeros.length) {
        target.write(zeros);
      }
    }
  }

  // A few kilobytes of zstd stand for terabytes as well as for this.
  @Test
  void aFileThatInflatesWithoutEndIsMalformed() throws IOException {
    Path bomb = temporary.resolve("bomb.zst");
    long bytes = FileContent.MAX_UNSUSPECTED_BYTES + 64L * CHUNK_BYTES;
    writeZeros(new ZstdOutputStream(Files.newOutputStream(bomb)), bytes);
    assertThat(Files.size(bomb)).isLessThan(bytes / FileContent.MAX_RATIO);

    try (FileContent content = FileContent.open(bomb)) {
      assertThatThrownBy(() -> readAll(content))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("2000 times");
      assertThat(content.position())
          .isBetween(FileContent.MAX_UNSUSPECTED_BYTES - CHUNK_BYTES, bytes);
    }
  }

  @Test
  void reachingAFarPositionEndsWhenReadingIsToStop() throws IOException {
    Path packed = temporary.resolve("long.gz");
    writeZeros(new GZIPOutputStream(Files.newOutputStream(packed)), 64L * CHUNK_BYTES);
    AtomicBoolean isStopping = new AtomicBoolean();
    try (FileContent content = FileContent.open(packed, isStopping::get)) {
      content.seek(32L * CHUNK_BYTES);
      assertThat(content.read(chunk, 0, 1)).isEqualTo(1);
      content.seek(64L * CHUNK_BYTES - 1);
      isStopping.set(true);

      assertThatThrownBy(() -> content.read(chunk, 0, 1))
          .isInstanceOf(InterruptedIOException.class);
      isStopping.set(false);
      assertThat(content.read(chunk, 0, 1)).isEqualTo(1);
    }
  }

  // What the window of zstd takes is freed by a close alone.
  @Test
  void noStreamIsLeftOpenByAStepBackNorByTheEnd() throws IOException {
    Path packed = temporary.resolve("long.zst");
    writeZeros(new ZstdOutputStream(Files.newOutputStream(packed)), 4L * CHUNK_BYTES);
    InputStream second;
    try (FileContent content = FileContent.open(packed)) {
      content.seek(CHUNK_BYTES);
      content.read(chunk, 0, 1);
      InputStream first = content.inflated;
      content.seek(0);
      content.read(chunk, 0, 1);
      second = content.inflated;

      assertThat(second).isNotSameAs(first);
      assertThatThrownBy(first::read).hasMessageContaining("closed");
      assertThat(second.read()).isZero();
    }
    assertThatThrownBy(second::read).hasMessageContaining("closed");
  }

  @Test
  void noStreamIsLeftOpenByAMalformedFile() throws IOException {
    Path packed = temporary.resolve("cut.zst");
    writeZeros(new ZstdOutputStream(Files.newOutputStream(packed)), 4L * CHUNK_BYTES);
    byte[] whole = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(whole, whole.length / 2));
    try (FileContent content = FileContent.open(packed)) {
      content.read(chunk, 0, 1);
      InputStream stream = content.inflated;

      assertThatThrownBy(() -> readAll(content)).isInstanceOf(MalformedFileException.class);
      assertThatThrownBy(stream::read).hasMessageContaining("closed");
    }
  }

  private void readAll(FileContent content) throws IOException {
    while (content.read(chunk, 0, chunk.length) >= 0) {
      // On to its end.
    }
  }
}
