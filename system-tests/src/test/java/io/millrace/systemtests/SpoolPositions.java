/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a spooldir source has each file that it is reading: the newer of the two slots of its
 * position file that is whole. Immutable.
 *
 * @param bytesByFile of files of which not all is read
 */
record SpoolPositions(Map<String, Long> bytesByFile) {
  private static final int SLOT_BYTES = 1 << 20;
  private static final int HEADER_BYTES = 24;
  private static final int SEQUENCE_OFFSET = 8;
  private static final int LENGTH_OFFSET = 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  static SpoolPositions of(Path spool) {
    ByteBuffer file;
    try {
      file = ByteBuffer.wrap(Files.readAllBytes(spool.resolve(".flumespool/millrace-positions")));
    } catch (NoSuchFileException e) {
      return new SpoolPositions(Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException("Positions of " + spool, e);
    }
    JsonNode newest = null;
    long sequence = -1;
    for (int slot = 0; slot + HEADER_BYTES <= file.limit(); slot += SLOT_BYTES) {
      JsonNode positions = positions(file, slot);
      if (positions != null && file.getLong(slot + SEQUENCE_OFFSET) > sequence) {
        sequence = file.getLong(slot + SEQUENCE_OFFSET);
        newest = positions;
      }
    }
    Map<String, Long> bytes = new HashMap<>();
    if (newest != null) {
      for (JsonNode entry : newest) {
        if (!entry.path("done").asBoolean()) {
          bytes.put(entry.path("path").asText(), entry.path("mark").asLong());
        }
      }
    }
    return new SpoolPositions(bytes);
  }

  /** Null for a slot that is being written. */
  private static JsonNode positions(ByteBuffer file, int slot) {
    int length = file.getInt(slot + LENGTH_OFFSET);
    if (length < 0 || length > file.limit() - slot - HEADER_BYTES) {
      return null;
    }
    String json = new String(file.array(), slot + HEADER_BYTES, length, StandardCharsets.UTF_8);
    try {
      JsonNode positions = JSON.readTree(json);
      return positions.isArray() ? positions : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether any file is read and not to its end, and further than then by so many bytes. */
  boolean isWithinAFile(SpoolPositions before, long bytes) {
    return bytesByFile.entrySet().stream()
        .anyMatch(
            file ->
                file.getValue() - before.bytesByFile().getOrDefault(file.getKey(), 0L) >= bytes);
  }
}
