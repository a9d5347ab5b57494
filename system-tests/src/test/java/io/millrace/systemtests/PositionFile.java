/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The position file of a taildir source, in Flume's form. */
final class PositionFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PositionFile() {}

  /** Bytes of all files together that count as delivered; none when there is no file yet. */
  static long deliveredBytes(Path file) {
    if (!Files.exists(file)) {
      return 0;
    }
    try {
      long delivered = 0;
      for (JsonNode entry : JSON.readTree(Files.readAllBytes(file))) {
        delivered += entry.get("pos").asLong();
      }
      return delivered;
    } catch (IOException e) {
      throw new UncheckedIOException("Positions " + file, e);
    }
  }
}
