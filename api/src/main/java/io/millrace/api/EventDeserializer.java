/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * Cuts one file into events, from its beginning or from a position given by an earlier one over the
 * same file. One instance a file. Confined to the thread that reads the file.
 *
 * @since 0.1
 */
public interface EventDeserializer extends Closeable {
  /**
   * Hands on the next event.
   *
   * @return false at the end of the file, when no event was handed on
   * @throws MalformedFileException when the rest of the file cannot be read, now or later
   */
  boolean next(Events events) throws IOException;

  /**
   * Where to go on behind the last event handed on, together with {@link #eventsBehindMark}: an
   * offset in the content that {@link Content#seek} finds again.
   */
  long mark();

  /** Events handed on since {@link #mark}: they are left out when reading goes on from there. */
  default long eventsBehindMark() {
    return 0;
  }

  @Override
  default void close() throws IOException {}

  /** Takes events. */
  @FunctionalInterface
  interface Events {
    /**
     * Takes an event; its bytes are copied.
     *
     * @param headers not changed later: the same map again means the same headers
     */
    void add(Map<String, String> headers, byte[] array, int offset, int length);
  }

  /** What stands in a file, after it was decompressed. Confined to the thread that reads it. */
  interface Content {
    /** Reads some bytes at the position and moves it; -1 at the end. */
    int read(byte[] target, int offset, int length) throws IOException;

    long position();

    /** Moves the position; in a compressed file that costs reading what is before it. */
    void seek(long position) throws IOException;

    /** Number of bytes, or {@link Long#MAX_VALUE} when that is not known before the end. */
    long length() throws IOException;
  }

  /** What is done with bytes that are no characters. */
  enum DecodeErrorPolicy {
    /** The file is malformed. */
    FAIL,
    /** They become the replacement character, U+FFFD. */
    REPLACE,
    /** They are left out. */
    IGNORE
  }

  /**
   * How a file is to be read. Immutable.
   *
   * @param inputCharset of text
   * @param maxEventBytes largest body that the channels take
   * @param metrics of the source
   */
  record Setting(
      Charset inputCharset,
      DecodeErrorPolicy decodeErrorPolicy,
      int maxEventBytes,
      Metrics metrics) {}

  /** Makes a deserializer for one file. */
  @FunctionalInterface
  interface Factory {
    /**
     * Begins to read.
     *
     * @param mark 0, or what an earlier deserializer over the same content gave
     * @throws MalformedFileException when the file is none of the kind
     */
    EventDeserializer open(Content content, long mark, Setting setting) throws IOException;
  }

  /** The content is not what the deserializer reads: reading it again would end the same way. */
  final class MalformedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedFileException(String message) {
      super(message);
    }

    public MalformedFileException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
