/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.DataSize;
import io.millrace.components.filechannel.codec.CompressionKind;
import io.millrace.components.filechannel.codec.EncryptionOptions;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The directories of a file channel under test. Immutable. */
public record ChannelDirectories(Path root) {
  public Path checkpoint() {
    return root.resolve("checkpoint");
  }

  public Path data() {
    return root.resolve("data");
  }

  public FileChannelOptions options(int capacity, int transactionCapacity, Duration keepAlive) {
    return options(List.of(data()), capacity, transactionCapacity, keepAlive);
  }

  FileChannelOptions options(
      List<Path> dataDirs, int capacity, int transactionCapacity, Duration keepAlive) {
    return options(
        dataDirs,
        capacity,
        transactionCapacity,
        keepAlive,
        EncryptionOptions.none(),
        CompressionKind.NONE);
  }

  FileChannelOptions options(EncryptionOptions encryption, CompressionKind compression) {
    return options(List.of(data()), 1000, 100, Duration.ofSeconds(30), encryption, compression);
  }

  /** Two copies on the directories {@code data0} and {@code data1}. */
  FileChannelOptions twoCopies() {
    return new FileChannelOptions(
        1000,
        100,
        Duration.ofSeconds(30),
        storage(
            List.of(root.resolve("data0"), root.resolve("data1")),
            EncryptionOptions.none(),
            CompressionKind.NONE,
            2));
  }

  private FileChannelOptions options(
      List<Path> dataDirs,
      int capacity,
      int transactionCapacity,
      Duration keepAlive,
      EncryptionOptions encryption,
      CompressionKind compression) {
    return new FileChannelOptions(
        capacity, transactionCapacity, keepAlive, storage(dataDirs, encryption, compression, 1));
  }

  public StorageOptions storage() {
    return storage(List.of(data()), EncryptionOptions.none(), CompressionKind.NONE, 1);
  }

  private StorageOptions storage(
      List<Path> dataDirs, EncryptionOptions encryption, CompressionKind compression, int copies) {
    return new StorageOptions(
        checkpoint(),
        dataDirs,
        Duration.ofSeconds(30),
        Optional.of(DataSize.ofMebibytes(1)),
        DataSize.ofMebibytes(1),
        true,
        Duration.ofSeconds(5),
        true,
        false,
        Optional.empty(),
        false,
        false,
        false,
        encryption,
        compression,
        copies,
        true);
  }

  /** What a crash at this moment would leave, for a channel of its own. */
  public ChannelDirectories crashedInto(Path copy) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(copy.resolve(root.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try {
              Files.copy(file, copy.resolve(root.relativize(file)));
            } catch (NoSuchFileException e) {
              return visitFileFailed(file, e);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            // A spare file that was being made has got its name just now; it holds no event.
            if (e instanceof NoSuchFileException && file.toString().endsWith(".new")) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return new ChannelDirectories(copy);
  }
}
