/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * An event as it is sent or as it arrived. Immutable.
 *
 * @param octets the body, each of its bytes as one character, so that events can be compared
 */
public record TestEvent(Map<String, String> headers, String octets) {

  public static TestEvent of(Map<String, String> headers, byte[] body) {
    return new TestEvent(headers, new String(body, StandardCharsets.ISO_8859_1));
  }

  static TestEvent ofText(Map<String, String> headers, String text) {
    return of(headers, text.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] body() {
    return octets.getBytes(StandardCharsets.ISO_8859_1);
  }

  public String text() {
    return new String(body(), StandardCharsets.UTF_8);
  }

  /** Short enough to be shown. */
  @Override
  public String toString() {
    String shown = octets.length() <= 60 ? octets : octets.substring(0, 60) + "…";
    String names = new TreeMap<>(headers).toString();
    return "%s %d bytes %08x %s"
        .formatted(
            names.length() <= 200 ? names : names.substring(0, 200) + "…",
            octets.length(),
            octets.hashCode(),
            shown);
  }
}
