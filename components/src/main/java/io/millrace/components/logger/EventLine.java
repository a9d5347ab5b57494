/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.logger;

import io.millrace.api.EventView;
import io.millrace.kit.log.InertText;
import java.util.HexFormat;
import java.util.Map;

/**
 * An event as one line of text that no log viewer can be tricked by: headers and bodies come from
 * the network. Immutable.
 *
 * <pre>
 *   Event: { headers:{host=web1, level=info} body: 47 45 54 20 2F                                  GET / }
 * </pre>
 *
 * The bytes are padded to sixteen, so that the text of short bodies stands in one column.
 */
final class EventLine {
  /** Columns of a dump: sixteen bytes of two digits and a blank. */
  private static final int HEX_COLUMNS = 16 * 3;

  /** Most headers shown; the rest is counted. */
  static final int MAX_HEADERS = 64;

  /** Most characters shown of a header's name or value; the rest is counted. */
  static final int MAX_HEADER_CHARS = 256;

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final int maxBodyBytes;

  EventLine(int maxBodyBytes) {
    this.maxBodyBytes = maxBodyBytes;
  }

  String of(EventView event) {
    StringBuilder line = new StringBuilder(128);
    line.append("Event: { headers:{");
    appendHeaders(event.headers(), line);
    line.append("} body:");
    appendBody(event, line);
    return line.append(" }").toString();
  }

  private static void appendHeaders(Map<String, String> headers, StringBuilder line) {
    int shown = 0;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      if (shown == MAX_HEADERS) {
        line.append(", ... ").append(headers.size() - shown).append(" more");
        return;
      }
      if (shown > 0) {
        line.append(", ");
      }
      line.append(InertText.of(header.getKey(), MAX_HEADER_CHARS))
          .append('=')
          .append(InertText.of(header.getValue(), MAX_HEADER_CHARS));
      shown++;
    }
  }

  private void appendBody(EventView event, StringBuilder line) {
    int bytes = Math.min(event.bodyBytes(), maxBodyBytes);
    if (bytes == 0) {
      return;
    }
    line.append(' ');
    int hexStart = line.length();
    for (int i = 0; i < bytes; i++) {
      HEX.toHexDigits(line, event.bodyAt(i));
      line.append(' ');
    }
    while (line.length() - hexStart < HEX_COLUMNS) {
      line.append(' ');
    }
    for (int i = 0; i < bytes; i++) {
      byte b = event.bodyAt(i);
      line.append(b >= ' ' && b < 0x7F ? (char) b : '.');
    }
  }
}
