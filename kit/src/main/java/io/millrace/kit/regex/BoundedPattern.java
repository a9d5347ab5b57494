/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.regex;

import io.millrace.api.ConfigurationException;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of the JDK whose matches cannot run away: what backtracks is bounded by the
 * number of characters that it reads, what recurses by the stack. The expressions of configurations
 * keep their meaning, back references included, which a linear-time engine would not give them.
 * Immutable.
 */
public final class BoundedPattern {
  /** Characters that a match may read, whatever the length of the text; some 50 ms. */
  static final long BASE_STEPS = 10_000_000;

  /** Characters that a match may read besides, for each one of the text. */
  static final long STEPS_PER_CHARACTER = 64;

  private final Pattern pattern;

  private BoundedPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Reads the value of an option.
   *
   * @throws ConfigurationException when it is not a regular expression
   */
  public static BoundedPattern compile(String option, String expression) {
    try {
      return new BoundedPattern(Pattern.compile(expression));
    } catch (PatternSyntaxException e) {
      throw new ConfigurationException(
          option,
          "'"
              + expression
              + "' is not a regular expression: "
              + e.getDescription()
              + (e.getIndex() < 0 ? "" : " near index " + e.getIndex()));
    }
  }

  /** Number of its groups. */
  public int groupCount() {
    return pattern.matcher("").groupCount();
  }

  /** Whether all of the text matches. */
  public boolean matches(String text) throws RunawayPatternException {
    return bounded(text, Matcher::matches);
  }

  /** Whether a part of the text matches. */
  public boolean isFoundIn(String text) throws RunawayPatternException {
    return bounded(text, Matcher::find);
  }

  /** The first match. */
  public Optional<MatchResult> find(String text) throws RunawayPatternException {
    return bounded(
        text, matcher -> matcher.find() ? Optional.of(matcher.toMatchResult()) : Optional.empty());
  }

  /**
   * The text with every match replaced; the same object when there is none.
   *
   * @param replacement in the syntax of {@link Matcher#replaceAll(String)}, checked by {@link
   *     #checkReplacement}
   */
  public String replaceAll(String text, String replacement) throws RunawayPatternException {
    return bounded(text, matcher -> matcher.find() ? matcher.replaceAll(replacement) : text);
  }

  /**
   * Refuses a replacement that could only fail.
   *
   * @throws ConfigurationException when its syntax is wrong, or it names a group there is not
   */
  public void checkReplacement(String option, String replacement) {
    // With an empty alternative something matches always, and the groups stay what they are. The
    // line feed ends a comment that the expression may end with.
    Pattern always = Pattern.compile("(?:" + pattern.pattern() + "\n)|");
    try {
      always.matcher("").replaceFirst(replacement);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new ConfigurationException(
          option,
          "'"
              + replacement
              + "' is not a replacement: "
              + e.getMessage()
              + " (expected: text, with $1 or ${name} for a group, and a backslash before a"
              + " literal $ or backslash)");
    }
  }

  private <T> T bounded(String text, Function<Matcher, T> match) throws RunawayPatternException {
    try {
      return match.apply(pattern.matcher(new CountedText(text)));
    } catch (CountedText.UsedUpException e) {
      throw new RunawayPatternException(
          "the expression reads a text of "
              + text.length()
              + " characters again and again (stopped after "
              + CountedText.steps(text)
              + ")");
    } catch (StackOverflowError e) {
      // Groups that repeat recurse for each repetition. The stack is whole again by now.
      throw new RunawayPatternException(
          "the expression needs more stack than there is for a text of "
              + text.length()
              + " characters");
    }
  }

  @Override
  public String toString() {
    return pattern.pattern();
  }

  /** A text that can be read so many times. Confined to one match. */
  private static final class CountedText implements CharSequence {
    private final String text;
    private long stepsLeft;

    CountedText(String text) {
      this.text = text;
      this.stepsLeft = steps(text);
    }

    static long steps(String text) {
      return BASE_STEPS + STEPS_PER_CHARACTER * text.length();
    }

    @Override
    public char charAt(int index) {
      if (--stepsLeft < 0) {
        throw new UsedUpException();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return text.substring(from, to);
    }

    @Override
    public String toString() {
      return text;
    }

    private static final class UsedUpException extends RuntimeException {
      private static final long serialVersionUID = 1L;

      UsedUpException() {
        super(null, null, false, false);
      }
    }
  }
}
