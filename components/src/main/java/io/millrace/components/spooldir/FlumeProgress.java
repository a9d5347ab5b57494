/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * How far Apache Flume has read the file it was at: {@code .flumespool-main.meta} in the tracker
 * directory, an Avro container of records with one long, {@code offset}, the last of which counts;
 * its metadata names the file. Immutable.
 */
record FlumeProgress(Path file, long offset) {
  private static final String NAME = ".flumespool-main.meta";
  private static final String TAKEN_NAME = NAME + ".taken-over";

  /**
   * Reads it.
   *
   * @return null when there is none, or an empty one, as Flume leaves it in a crash
   */
  static FlumeProgress read(Path trackerDirectory) throws IOException {
    Path meta = trackerDirectory.resolve(NAME);
    if (!Files.isRegularFile(meta) || Files.size(meta) == 0) {
      return null;
    }
    try (DataFileReader<GenericRecord> records =
        new DataFileReader<>(meta.toFile(), new GenericDatumReader<>())) {
      byte[] file = records.getMeta("file");
      long offset = -1;
      while (records.hasNext()) {
        offset = (Long) records.next().get("offset");
      }
      if (file == null || offset < 0) {
        return null;
      }
      return new FlumeProgress(
          Path.of(new String(file, StandardCharsets.UTF_8)).toAbsolutePath().normalize(), offset);
    } catch (AvroRuntimeException | ClassCastException | InvalidPathException e) {
      throw new IOException(meta + " is damaged: " + e.getMessage(), e);
    }
  }

  /** Renames it: its position is kept elsewhere now, and must not be taken for a later file. */
  static void setAside(Path trackerDirectory) throws IOException {
    Path meta = trackerDirectory.resolve(NAME);
    if (Files.exists(meta)) {
      Files.move(meta, trackerDirectory.resolve(TAKEN_NAME), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
