/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.kit.text.LineFramer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Events that stand a line each. A last line without its end is none: the sink writes the end with
 * the event, and had not done so. Confined to one thread.
 */
final class LineEvents implements StoredEvents {
  /** What one event may hold at most. */
  static final int MAX_LINE_BYTES = 16 << 20;

  private static final int READ_BYTES = 64 * 1024;

  /** What a line holds. */
  enum Form {
    BODY,
    /** {@code {name=value, name=value} body}. */
    HEADERS_AND_BODY
  }

  private final FileChannel file;
  private final StoredFile stored;
  private final FileFindings findings;
  private final Form form;
  private final byte[] buffer = new byte[READ_BYTES];
  private final LineFramer framer;
  private EventBatch.Builder run = EventBatch.builder();
  private long position;
  private long lines;
  private boolean isTailTold;

  LineEvents(Path path, StoredFile stored, FileFindings findings, Form form) throws IOException {
    this.stored = stored;
    this.findings = findings;
    this.form = form;
    this.framer =
        new LineFramer(
            MAX_LINE_BYTES,
            new LineFramer.Lines() {
              @Override
              public void line(byte[] array, int offset, int length) {
                add(array, offset, length);
              }

              @Override
              public void overlong(byte[] array, int offset, int length) {
                lines++;
                findings.noEvent(lines, "is longer than " + MAX_LINE_BYTES + " bytes");
              }
            });
    this.file = FileChannel.open(path, StandardOpenOption.READ);
  }

  @Override
  public Run next() throws IOException {
    int wanted = (int) Math.min(READ_BYTES, stored.bytes() - position);
    int read = wanted <= 0 ? -1 : file.read(ByteBuffer.wrap(buffer, 0, wanted), position);
    if (read < 0) {
      if (framer.hasUnfinishedLine() && !isTailTold) {
        isTailTold = true;
        findings.unfinished(position - framer.unfinishedBytes(), position);
      }
      return null;
    }
    position += read;
    framer.feed(buffer, 0, read);
    EventBatch events = run.build();
    run = EventBatch.builder();
    return new Run(events, stored.modifiedMillis(), read);
  }

  private void add(byte[] array, int offset, int length) {
    lines++;
    if (form == Form.BODY) {
      run.add(EncodedHeaders.NONE, array, offset, length);
      return;
    }
    int end = endOfHeaders(array, offset, offset + length);
    if (end < 0) {
      findings.noEvent(lines, "does not begin with {headers} and a blank");
      return;
    }
    String text = new String(array, offset + 1, end - offset - 1, StandardCharsets.UTF_8);
    int body = end + 2;
    run.add(EncodedHeaders.of(headers(text)), array, body, offset + length - body);
  }

  /** Where the first closing brace stands that a blank follows; -1 when there is none. */
  private static int endOfHeaders(byte[] array, int from, int limit) {
    if (from < limit && array[from] == '{') {
      for (int at = from + 1; at + 1 < limit; at++) {
        if (array[at] == '}' && array[at + 1] == ' ') {
          return at;
        }
      }
    }
    return -1;
  }

  /** The text does not tell a comma in a value from one between two headers. */
  private static Map<String, String> headers(String text) {
    Map<String, String> headers = new LinkedHashMap<>();
    String last = null;
    for (String pair : text.isEmpty() ? new String[0] : text.split(", ", -1)) {
      int equals = pair.indexOf('=');
      if (equals >= 0) {
        last = pair.substring(0, equals);
        headers.put(last, pair.substring(equals + 1));
      } else if (last != null) {
        headers.merge(last, ", " + pair, String::concat);
      }
    }
    return headers;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
