/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventSerializer;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.client.HdfsDataOutputStream;
import org.apache.hadoop.io.compress.CompressionCodec;

/** Makes the files of a sink. Immutable; safe for many threads. */
final class FileFormat {
  private final HdfsSinkOptions options;
  private final Configuration configuration;
  private final CompressionCodec codec;
  private final EventSerializer.Factory serializers;

  FileFormat(HdfsSinkOptions options, Configuration configuration) {
    this.options = options;
    this.configuration = configuration;
    this.codec =
        options
            .codec()
            .map(name -> Codecs.named(name, options.fileType(), configuration))
            .orElse(null);
    this.serializers =
        options.fileType() == HdfsSinkOptions.FileType.SEQUENCEFILE
            ? null
            : options.serializer().build();
  }

  /** What names end in. */
  String suffix() {
    if (!options.fileSuffix().isEmpty() || codec == null) {
      return options.fileSuffix();
    }
    return codec.getDefaultExtension();
  }

  /**
   * Begins a file that is not there yet; what it stands in is made.
   *
   * @param isAlone whether no other sink can have a file of that name
   */
  EventFile create(FileSystem files, Path path, boolean isAlone) throws IOException {
    // A block that ends or is closed is synced as well, not only what a sync finds.
    EnumSet<CreateFlag> flags =
        options.sync() == HdfsSinkOptions.Sync.HSYNC
            ? EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK)
            : EnumSet.of(CreateFlag.CREATE);
    Optional<LocalDisk> disk = LocalDisk.of(files);
    if (disk.isPresent()) {
      disk.get().makeDirectory(path.getParent());
      if (!isAlone) {
        // Hadoop's client looks first and makes the file then; another may come in between.
        disk.get().reserve(path);
        flags.add(CreateFlag.OVERWRITE);
      }
    }
    FSDataOutputStream stream =
        files.create(
            path,
            FsPermission.getFileDefault().applyUMask(FsPermission.getUMask(configuration)),
            flags,
            configuration.getInt("io.file.buffer.size", 4096),
            files.getDefaultReplication(path),
            files.getDefaultBlockSize(path),
            null);
    try {
      if (disk.isPresent()) {
        // A synced file is lost all the same where its name is.
        disk.get().sync(path.getParent());
      }
      return switch (options.fileType()) {
        case SEQUENCEFILE -> new RecordFile(this, stream, configuration, codec, options);
        case DATASTREAM, COMPRESSEDSTREAM ->
            new StreamFile(this, stream, configuration, codec, serializers);
      };
    } catch (IOException | RuntimeException | LinkageError e) {
      try {
        abort(stream);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      try {
        // Not before: an object store may make the file when its stream is closed.
        files.delete(path, false);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Closes the stream of a file that nobody will read, without making a file of what it has. */
  static void abort(FSDataOutputStream stream) throws IOException {
    if (stream.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
      stream.abort();
    } else {
      stream.close();
    }
  }

  /**
   * Whether what the stream has taken can be made safe before it is closed. It cannot in an object
   * store, nor through Hadoop's layer of checksums over local files.
   */
  static boolean canSync(FSDataOutputStream stream) {
    return stream.hasCapability(StreamCapabilities.HSYNC)
        && stream.hasCapability(StreamCapabilities.HFLUSH);
  }

  void sync(FSDataOutputStream stream) throws IOException {
    switch (options.sync()) {
      case HSYNC -> stream.hsync();
      case HFLUSH -> {
        // Only HDFS has copies in the memory of other machines; a local disk's hflush is a flush.
        if (stream instanceof HdfsDataOutputStream) {
          stream.hflush();
        } else {
          stream.hsync();
        }
      }
      case NONE -> stream.flush();
    }
  }

  /** Syncs what is about to be closed, where closing does not do it as far as the options want. */
  void syncBeforeClose(FSDataOutputStream stream) throws IOException {
    // A block of HDFS is as safe when it is complete: see SYNC_BLOCK above.
    if (!(stream instanceof HdfsDataOutputStream)
        && options.sync() != HdfsSinkOptions.Sync.NONE
        && canSync(stream)) {
      sync(stream);
    }
  }

  static int replicas(FSDataOutputStream stream) throws IOException {
    return stream instanceof HdfsDataOutputStream hdfs ? hdfs.getCurrentBlockReplication() : -1;
  }
}
