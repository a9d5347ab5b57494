/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

/** A text that cannot be read as the type of its option; the message begins after the value. */
public final class UnusableValueException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  UnusableValueException(String message, String remedy) {
    super(message);
    this.remedy = remedy;
  }

  UnusableValueException(String message) {
    this(message, "");
  }

  public String remedy() {
    return remedy;
  }
}
