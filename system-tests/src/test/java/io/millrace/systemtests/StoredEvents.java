/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.util.HashMap;
import java.util.Map;

/**
 * The events of a directory of file_roll that the serializer header_and_text wrote: headers by
 * body. Immutable.
 */
record StoredEvents(Map<String, Map<String, String>> headersByBody) {

  static StoredEvents of(Store store) {
    Map<String, Map<String, String>> events = new HashMap<>();
    store.lines().keySet().forEach(line -> parseInto(line, events));
    return new StoredEvents(events);
  }

  /** A line is {@code {name=value, name=value} body}. */
  private static void parseInto(String line, Map<String, Map<String, String>> events) {
    int end = line.indexOf("} ");
    if (!line.startsWith("{") || end < 0) {
      throw new IllegalStateException("line: " + line + " (expected: {headers} body)");
    }
    Map<String, String> headers = new HashMap<>();
    for (String header : line.substring(1, end).split(", ", -1)) {
      int equals = header.indexOf('=');
      headers.put(header.substring(0, equals), header.substring(equals + 1));
    }
    events.put(line.substring(end + 2), headers);
  }
}
