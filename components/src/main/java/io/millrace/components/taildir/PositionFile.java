/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.kit.file.WholeFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The position file. Two JSON documents:
 *
 * <pre>
 *   [{"inode":2496272,"pos":1200,"file":"/var/log/app.log"}, ...]
 *   {"marks":[{"inode":2496272,"pos":1200,"bytes":256,"crc":-1846112}, ...]}
 * </pre>
 *
 * <p>The first is Flume's own form, read from and written for Flume. Flume's reader fails on fields
 * it does not know but stops behind the array, so that marks stand in a document of their own; a
 * mark counts only for an entry with the same inode and position. Written aside, synced and
 * renamed, then the directory is synced: a crash leaves the old file or the new one. Confined to
 * the source's thread.
 */
final class PositionFile {
  /** Larger files are not positions: 200 bytes for each leave room for five million. */
  private static final long MAX_BYTES = 1L << 30;

  private static final int MAX_DAMAGED_FILES = 100;

  private final JsonFactory json = new JsonFactory();
  private final Path path;
  private List<Position> written;

  PositionFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  Path path() {
    return path;
  }

  /**
   * Takes the position file for one source, by a lock on a file beside it.
   *
   * @return what gives it back, or null when another source has it
   */
  Closeable lock() throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolveSibling(path.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another source of this process has it: same answer.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  /** What was loaded, and what was wrong: empty when nothing. */
  record Loaded(List<Position> positions, String damage) {}

  /**
   * Reads the positions. A file that is not there, or empty as Flume leaves it when nothing
   * matched, holds none.
   *
   * @throws IOException when it can't be read; what it says when it is damaged is in the result
   */
  Loaded load() throws IOException {
    byte[] content;
    try {
      if (Files.size(path) > MAX_BYTES) {
        return new Loaded(List.of(), "it is larger than " + MAX_BYTES + " bytes");
      }
      content = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      return new Loaded(List.of(), "");
    }
    try (JsonParser parser = json.createParser(content)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new Loaded(List.of(), "");
      }
      List<Position> positions = new ArrayList<>();
      expect(parser, first, JsonToken.START_ARRAY);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        positions.add(entry(parser));
      }
      return new Loaded(withMarks(positions, marks(parser)), "");
    } catch (JsonProcessingException e) {
      return new Loaded(List.of(), e.getOriginalMessage() + " at byte " + offset(e));
    } catch (InvalidPathException e) {
      return new Loaded(List.of(), e.getReason());
    }
  }

  /**
   * Moves a damaged file aside.
   *
   * @return its new path
   */
  Path setAside() throws IOException {
    Path aside = path;
    for (int number = 1; number <= MAX_DAMAGED_FILES; number++) {
      aside = path.resolveSibling(path.getFileName() + ".damaged-" + number);
      if (!Files.exists(aside)) {
        break;
      }
    }
    return Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Saves the positions, unless they are those saved last. */
  void save(List<Position> positions) throws IOException {
    if (positions.equals(written)) {
      return;
    }
    WholeFile.replace(
        path,
        path.resolveSibling(path.getFileName() + ".tmp"),
        target -> encode(positions, target));
    written = List.copyOf(positions);
  }

  /** Never whole in memory: very many files make a long document. */
  private void encode(List<Position> positions, OutputStream target) throws IOException {
    try (JsonGenerator generator =
        json.createGenerator(target).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
      generator.setRootValueSeparator(new com.fasterxml.jackson.core.io.SerializedString("\n"));
      generator.writeStartArray();
      for (Position position : positions) {
        generator.writeStartObject();
        generator.writeNumberField("inode", position.inode());
        generator.writeNumberField("pos", position.position());
        generator.writeStringField("file", position.path().toString());
        generator.writeEndObject();
      }
      generator.writeEndArray();
      generator.writeStartObject();
      generator.writeArrayFieldStart("marks");
      for (Position position : positions) {
        if (position.mark().isKnown()) {
          generator.writeStartObject();
          generator.writeNumberField("inode", position.inode());
          generator.writeNumberField("pos", position.position());
          generator.writeNumberField("bytes", position.mark().bytes());
          generator.writeNumberField("crc", position.mark().crc());
          generator.writeEndObject();
        }
      }
      generator.writeEndArray();
      generator.writeEndObject();
      generator.writeRaw('\n');
    }
  }

  private static Position entry(JsonParser parser) throws IOException {
    expect(parser, parser.currentToken(), JsonToken.START_OBJECT);
    long inode = -1;
    long position = -1;
    String file = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "inode" -> inode = number(parser);
        case "pos" -> position = number(parser);
        case "file" -> file = parser.getText();
        default -> parser.skipChildren();
      }
    }
    if (inode < 0 || position < 0 || file == null) {
      throw new JsonParseException(parser, "entry without inode, pos or file");
    }
    return new Position(inode, position, Path.of(file), Mark.UNKNOWN);
  }

  private record MarkKey(long inode, long position) {}

  /** The second document; what is wrong in it costs marks only. */
  private static Map<MarkKey, Mark> marks(JsonParser parser) {
    Map<MarkKey, Mark> marks = new HashMap<>();
    try {
      if (parser.nextToken() != JsonToken.START_OBJECT
          || !"marks".equals(parser.nextFieldName())
          || parser.nextToken() != JsonToken.START_ARRAY) {
        return marks;
      }
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        Map<String, Long> fields = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, number(parser));
        }
        long bytes = fields.getOrDefault("bytes", 0L);
        if (bytes > 0 && bytes <= Mark.MAX_BYTES && fields.containsKey("crc")) {
          marks.put(
              new MarkKey(fields.getOrDefault("inode", -1L), fields.getOrDefault("pos", -1L)),
              new Mark((int) bytes, (int) (long) fields.get("crc")));
        }
      }
    } catch (IOException e) {
      // Positions without marks are what Flume's own file holds.
      return marks;
    }
    return marks;
  }

  private static List<Position> withMarks(List<Position> positions, Map<MarkKey, Mark> marks) {
    List<Position> marked = new ArrayList<>(positions.size());
    for (Position plain : positions) {
      Mark mark = marks.get(new MarkKey(plain.inode(), plain.position()));
      marked.add(
          mark == null ? plain : new Position(plain.inode(), plain.position(), plain.path(), mark));
    }
    return marked;
  }

  private static long number(JsonParser parser) throws IOException {
    expect(parser, parser.currentToken(), JsonToken.VALUE_NUMBER_INT);
    return parser.getLongValue();
  }

  private static void expect(JsonParser parser, JsonToken actual, JsonToken expected)
      throws JsonParseException {
    if (actual != expected) {
      throw new JsonParseException(parser, "found " + actual + " (expected: " + expected + ")");
    }
  }

  private static long offset(JsonProcessingException e) {
    return e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
  }
}
