/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import io.millrace.api.BareUnit;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.kit.regex.BoundedPattern;
import java.time.Duration;
import java.util.Optional;

/**
 * Options for joining lines into one event, such as the lines of a stack trace. Without a pattern
 * every line is an event of its own. Immutable.
 *
 * @param pattern looked for anywhere in a line
 */
public record MultilineOptions(
    @Option(
            name = "multiline.pattern",
            doc =
                "Joins lines into one event: a regular expression that is found in lines that"
                    + " belong to another one, such as ^\\s.")
        Optional<String> pattern,
    @Option(
            name = "multiline.negate",
            doc = "Whether the lines without the pattern are those that belong to another one.",
            def = "false")
        boolean negate,
    @Option(
            name = "multiline.match",
            doc = "Whether such lines come after the line that they belong to, or before it.",
            def = "after")
        Side match,
    @Option(
            name = "multiline.maxLines",
            doc = "Most lines of an event; what comes then is the next event.",
            def = "500",
            min = 1,
            max = 1_000_000)
        int maxLines,
    @Option(
            name = "multiline.maxSize",
            doc = "Largest event joined; what comes then is the next event.",
            def = "1MiB",
            min = 1,
            max = 67_000_000,
            bareUnit = BareUnit.BYTES)
        DataSize maxSize,
    @Option(
            name = "multiline.timeout",
            doc = "An event is complete when no line has come for this long.",
            def = "5000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration timeout) {
  /** No lines are joined. */
  public static final MultilineOptions NONE =
      new MultilineOptions(
          Optional.empty(), false, Side.AFTER, 500, DataSize.ofMebibytes(1), Duration.ofSeconds(5));

  /** Where the lines stand that belong to another one. */
  public enum Side {
    AFTER,
    BEFORE
  }

  public MultilineOptions {
    if (pattern.isPresent()) {
      BoundedPattern.compile("multiline.pattern", pattern.get());
    } else if (negate) {
      throw new ConfigurationException(
          "multiline.negate", "true without a pattern (expected: multiline.pattern beside it)");
    }
  }

  /** Joins lines within the default bounds. */
  public static MultilineOptions of(String pattern, boolean negate, Side match) {
    return new MultilineOptions(
        Optional.of(pattern), negate, match, NONE.maxLines, NONE.maxSize, NONE.timeout);
  }

  /** Whether lines are joined. */
  public boolean isOn() {
    return pattern.isPresent();
  }

  /** How lines are joined; {@link #isOn} must hold. */
  public MultilineRule rule() {
    return new MultilineRule(
        BoundedPattern.compile("multiline.pattern", pattern.orElseThrow()), negate, match);
  }
}
