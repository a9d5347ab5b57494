/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes past the page cache are seen by reads through it, and others go the ordinary way. */
class UncachedWritingTest {
  private static final int BLOCK_BYTES = UncachedChannel.BLOCK_BYTES;

  @TempDir Path directory;

  private final Random random = new Random(7);

  /** Direct and aligned; starts at {@code skip} in its block. */
  private ByteBuffer random(int skip, int bytes) {
    ByteBuffer whole = ByteBuffer.allocateDirect(bytes + 2 * BLOCK_BYTES).alignedSlice(BLOCK_BYTES);
    ByteBuffer buffer = whole.slice(skip, bytes);
    while (buffer.hasRemaining()) {
      buffer.put((byte) random.nextInt());
    }
    return buffer.flip();
  }

  private static byte[] read(DiskFile file, long position, int bytes) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(bytes);
    file.read(target, position);
    return target.array();
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  @Test
  void wholeBlocksGoPastThePageCacheWhereTheFileSystemAllowsIt() throws Exception {
    Path path = Files.createFile(directory.resolve("file"));
    ByteBuffer blocks = random(0, 3 * BLOCK_BYTES);
    byte[] expected = bytesOf(blocks);
    try (UncachedChannel channel = new UncachedChannel(path)) {
      assertThat(channel.write(blocks, BLOCK_BYTES))
          .as("tests run on ext4, xfs or tmpfs")
          .isEqualTo(4 * BLOCK_BYTES);
    }
    assertThat(blocks.hasRemaining()).isFalse();
    assertThat(Files.readAllBytes(path)).endsWith(expected).hasSize(4 * BLOCK_BYTES);
  }

  @Test
  void whatIsNotMadeOfWholeBlocksIsLeftToTheCaller() throws Exception {
    Path path = Files.createFile(directory.resolve("file"));
    try (UncachedChannel channel = new UncachedChannel(path)) {
      assertThat(channel.write(random(0, 100), 0)).as("length").isEqualTo(0);
      assertThat(channel.write(random(8, BLOCK_BYTES), 0)).as("address").isEqualTo(0);
      assertThat(channel.write(random(0, BLOCK_BYTES), 512)).as("position").isEqualTo(512);
      assertThat(channel.write(ByteBuffer.allocate(BLOCK_BYTES), 0)).as("heap").isEqualTo(0);
    }
    assertThat(path).isEmptyFile();
  }

  @Test
  void aFileThatCannotBeOpenedSoIsLeftToTheCaller() throws Exception {
    ByteBuffer block = random(0, BLOCK_BYTES);
    try (UncachedChannel channel = new UncachedChannel(directory)) {
      assertThat(channel.write(block, 0)).isZero();
    }
    assertThat(block.remaining()).isEqualTo(BLOCK_BYTES);
  }

  @Test
  void aFileSystemThatRefusesTheFirstWriteGetsOrdinaryOnes() throws Exception {
    Path path = Files.createFile(directory.resolve("file"));
    FileChannel refusing = FileChannel.open(path, StandardOpenOption.WRITE);
    refusing.close();
    ByteBuffer block = random(0, BLOCK_BYTES);
    try (UncachedChannel channel = new UncachedChannel(path, file -> refusing)) {
      assertThat(channel.write(block, 0)).isZero();
      assertThat(channel.write(block, 0)).isZero();
      assertThat(channel.force()).as("left to the caller").isFalse();
    }
    assertThat(block.remaining()).isEqualTo(BLOCK_BYTES);
  }

  @Test
  void aWriteThatFailsWhereOthersWorkedIsAFaultOfTheDisk() throws Exception {
    Path path = Files.createFile(directory.resolve("file"));
    FileChannel working = FileChannel.open(path, StandardOpenOption.WRITE);
    try (UncachedChannel channel = new UncachedChannel(path, file -> working)) {
      assertThat(channel.write(random(0, BLOCK_BYTES), 0)).isEqualTo(BLOCK_BYTES);
      assertThat(channel.force()).isTrue();
      working.close();
      assertThatThrownBy(() -> channel.write(random(0, BLOCK_BYTES), 0))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void bothWaysOfWritingMixInOneFile() throws Exception {
    NioDisk disk = NioDisk.uncached();
    byte[] model = new byte[64 * BLOCK_BYTES];
    try (DiskFile file = disk.create(directory.resolve("file.new"))) {
      file.write(ByteBuffer.wrap(model.clone()), 0);
      disk.rename(directory.resolve("file.new"), directory.resolve("file"));
      for (int i = 0; i < 500; i++) {
        boolean isAligned = random.nextBoolean();
        int position = random.nextInt(60) * BLOCK_BYTES + (isAligned ? 0 : random.nextInt(1000));
        int bytes = isAligned ? (1 + random.nextInt(4)) * BLOCK_BYTES : 1 + random.nextInt(9000);
        ByteBuffer source = random(0, bytes);
        System.arraycopy(bytesOf(source), 0, model, position, bytes);
        file.write(source, position);
        assertThat(source.hasRemaining()).isFalse();
        if (i % 7 == 0) {
          file.force();
        }
        int from = random.nextInt(model.length - 5000);
        byte[] expected = Arrays.copyOfRange(model, from, from + 5000);
        assertThat(read(file, from, 5000)).as("after write %d", i).isEqualTo(expected);
      }
    }
    assertThat(Files.readAllBytes(directory.resolve("file"))).isEqualTo(model);
  }

  @Test
  void aWriteThatFailsSaysSo() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    try (DiskFile file = NioDisk.uncached().open(full)) {
      assertThatThrownBy(() -> file.write(random(0, BLOCK_BYTES), 0))
          .isInstanceOf(DiskFullException.class);
    }
  }
}
