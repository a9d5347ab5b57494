/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

/** What a problem means for the agent. */
public enum Severity {
  /** Something cannot be used: the agent does not start, or starts without it when lenient. */
  ERROR("error"),
  /** The agent starts, and something in the file does not do what it seems to. */
  WARNING("warning"),
  /** Works as written; perhaps not as meant. */
  HINT("hint");

  private final String label;

  Severity(String label) {
    this.label = label;
  }

  /** The word that operators read. */
  public String label() {
    return label;
  }
}
