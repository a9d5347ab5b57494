/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventDeserializer;
import io.millrace.components.content.FileContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A file in work, from its first read to its mark. Confined to the source's thread. */
final class SpooledFile {
  private final Path path;
  private final String name;
  private final FileFacts facts;
  private final Map<String, String> ownHeaders;
  private Map<String, String> lastHeaders;
  private EncodedHeaders lastEncoded;

  FileContent content;
  EventDeserializer deserializer;
  long confirmedMark;
  long confirmedEvents;
  int batchesInFlight;

  /** Events to be left out, for they were delivered before. */
  long eventsToSkip;

  /** Whether nothing is read from it any more. */
  boolean isExhausted;

  /** Before this time nothing is tried again that has failed. */
  long retryAtNanos;

  /** Tries that have failed in a row. */
  int failures;

  /** Why it is to be set aside, or null. */
  SetAside setAside;

  /** Why a file is not read, or not read on. */
  record SetAside(Reason reason, String detail) {}

  /** Kinds of that. */
  enum Reason {
    CHANGED,
    NAME_USED_TWICE,
    MALFORMED
  }

  /**
   * @param name its path below the directory
   */
  SpooledFile(Path path, String name, FileFacts facts, SpoolDirOptions options) {
    this.path = path;
    this.name = name;
    this.facts = facts;
    Map<String, String> headers = new LinkedHashMap<>();
    if (options.fileHeader()) {
      headers.put(options.fileHeaderKey(), path.toString());
    }
    if (options.basenameHeader()) {
      headers.put(options.basenameHeaderKey(), path.getFileName().toString());
    }
    this.ownHeaders = Map.copyOf(headers);
  }

  Path path() {
    return path;
  }

  String name() {
    return name;
  }

  FileFacts facts() {
    return facts;
  }

  void resumeAt(SavedPosition position) {
    confirmedMark = position.mark();
    confirmedEvents = position.events();
    eventsToSkip = position.events();
  }

  SavedPosition position(boolean isFinished) {
    return new SavedPosition(name, facts, confirmedMark, confirmedEvents, isFinished);
  }

  /** Headers of an event: the deserializer's, and those of the file, which win. */
  EncodedHeaders headers(Map<String, String> ofEvent) {
    if (ofEvent != lastHeaders) {
      lastHeaders = ofEvent;
      Map<String, String> all = new LinkedHashMap<>(ofEvent);
      all.putAll(ownHeaders);
      lastEncoded = EncodedHeaders.of(all);
    }
    return lastEncoded;
  }

  /** Closes it; what that throws is of no consequence for a file that is only read. */
  void close() {
    try {
      if (deserializer != null) {
        deserializer.close();
      }
      if (content != null) {
        content.close();
      }
    } catch (IOException e) {
      // Nothing was written through it.
    }
    deserializer = null;
    content = null;
  }
}
