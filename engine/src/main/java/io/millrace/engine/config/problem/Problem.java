/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

import java.util.Objects;

/**
 * One thing wrong with a configuration. Immutable.
 *
 * @param key the full key at fault; empty when it is none
 * @param value the value at fault, as it may be shown: empty when it is none or secret
 * @param message what is wrong, without a full stop
 * @param remedy what to do, in whole sentences; empty when the message says it
 */
public record Problem(
    Severity severity, Place place, String key, String value, String message, String remedy) {
  public Problem {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(place, "place");
    key = PlainText.of(key);
    value = PlainText.of(value);
    message =
        PlainText.of(message.endsWith(".") ? message.substring(0, message.length() - 1) : message);
    remedy = PlainText.of(remedy);
  }

  public String file() {
    return place.file();
  }

  public int line() {
    return place.line();
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** The one form of text: {@code flume.conf:12: error: a1.sources.r1.port: message. Remedy.} */
  public String text() {
    StringBuilder text = new StringBuilder();
    if (!place.file().isEmpty()) {
      text.append(place).append(": ");
    }
    text.append(severity.label()).append(": ").append(explanation());
    return text.toString();
  }

  /** The text after place and severity. */
  String explanation() {
    StringBuilder text = new StringBuilder();
    if (!key.isEmpty()) {
      text.append(key).append(": ");
    }
    text.append(message).append('.');
    if (!remedy.isEmpty()) {
      text.append(' ').append(remedy);
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return text();
  }
}
