/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

/** What a request carries. */
public enum EventFormat {
  /** The body of one event, as it is, without its headers. */
  BODY("text/plain"),
  /** An array of objects with headers and body, as the http source takes it. */
  JSON("application/json"),
  /** Such objects, each in a line. */
  NDJSON("application/x-ndjson");

  private final String contentType;

  EventFormat(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }
}
