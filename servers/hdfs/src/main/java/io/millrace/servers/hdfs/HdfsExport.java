/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.servers.hdfs;

import java.io.BufferedWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.util.ReflectionUtils;

/** Brings files of an HDFS to local ones, for tests that have no client. Stateless. */
final class HdfsExport {
  private static final String NOT_THERE = "/.";

  private HdfsExport() {}

  /** What becomes of one file. */
  private interface Step {
    void export(Path file, java.nio.file.Path local) throws IOException;
  }

  /** Copies all files below the directory as they are, but those in hidden directories. */
  static void copy(FileSystem files, Path directory, java.nio.file.Path target) throws IOException {
    forEach(
        files,
        directory,
        target,
        (file, local) -> {
          try (var in = files.open(file)) {
            Files.copy(in, local);
          }
        });
  }

  /**
   * Writes for each SequenceFile below the directory what is in it, as text: classes and
   * compression in the first line, then a record a line.
   */
  static void records(
      FileSystem files, Configuration configuration, Path directory, java.nio.file.Path target)
      throws IOException {
    forEach(files, directory, target, (file, local) -> records(configuration, file, local));
  }

  private static void records(Configuration configuration, Path file, java.nio.file.Path local)
      throws IOException {
    try (SequenceFile.Reader reader =
            new SequenceFile.Reader(configuration, SequenceFile.Reader.file(file));
        BufferedWriter out = Files.newBufferedWriter(local, StandardCharsets.UTF_8)) {
      out.write(
          String.join(
              " ",
              reader.getKeyClassName(),
              reader.getValueClassName(),
              reader.getCompressionType().toString(),
              String.valueOf(
                  reader.getCompressionCodec() == null
                      ? null
                      : reader.getCompressionCodec().getClass().getName())));
      out.newLine();
      Writable key = (Writable) ReflectionUtils.newInstance(reader.getKeyClass(), configuration);
      Writable value =
          (Writable) ReflectionUtils.newInstance(reader.getValueClass(), configuration);
      while (reader.next(key, value)) {
        String text =
            value instanceof BytesWritable bytes
                ? HexFormat.of().formatHex(bytes.copyBytes())
                : value.toString();
        out.write(key + " " + text);
        out.newLine();
      }
    }
  }

  private static void forEach(
      FileSystem files, Path directory, java.nio.file.Path target, Step step) throws IOException {
    Files.createDirectories(target);
    if (!files.exists(directory)) {
      return;
    }
    String root = files.getFileStatus(directory).getPath().toUri().getPath();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(directory, true);
    while (all.hasNext()) {
      Path file = all.next().getPath();
      String name = file.toUri().getPath().substring(root.length());
      if (!name.contains(NOT_THERE)) {
        java.nio.file.Path local = target.resolve(name.substring(1));
        Files.createDirectories(local.getParent());
        try {
          step.export(file, local);
        } catch (FileNotFoundException e) {
          // Renamed since it was listed, by an agent that runs; it is there the next time.
          Files.deleteIfExists(local);
        }
      }
    }
  }
}
