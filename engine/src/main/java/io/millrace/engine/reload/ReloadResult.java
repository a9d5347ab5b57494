/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.reload;

import java.util.List;

/**
 * What came of reading the configuration again. Immutable.
 *
 * @param lines the differences that were applied, or the problems for which nothing was; no secret
 *     is in them
 */
public record ReloadResult(Outcome outcome, List<String> lines) {
  /** What became of the configuration. */
  public enum Outcome {
    /** The agent runs it now. */
    APPLIED,
    /** The agent ran it already. */
    UNCHANGED,
    /** The agent cannot run it, or not now; it goes on with what it ran before. */
    REFUSED
  }

  public ReloadResult {
    lines = List.copyOf(lines);
  }

  /** Whether the agent runs what stands in the files. */
  public boolean isInForce() {
    return outcome != Outcome.REFUSED;
  }

  /** All of it, for people. */
  public String message() {
    String what =
        switch (outcome) {
          case APPLIED -> "The configuration was changed: ";
          case UNCHANGED -> "Nothing in the configuration has changed";
          case REFUSED -> "The configuration cannot run, and nothing was changed: ";
        };
    return what + String.join("; ", lines);
  }
}
