/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds what a misspelt word was meant to be: by case, by punctuation ({@code batch.size}), by a
 * missing or superfluous prefix ({@code fileType} for {@code hdfs.fileType}), or by the fewest
 * typing slips (Damerau-Levenshtein). Stateless.
 */
public final class NearestName {
  /** Longer words are not compared letter by letter, so that a hostile file costs little. */
  private static final int MAX_COMPARED_CHARS = 200;

  private static final int NO_MATCH = Integer.MAX_VALUE;

  private NearestName() {}

  /** The nearest of the candidates, the first of equals; empty when none is near. */
  public static Optional<String> of(String word, Collection<String> candidates) {
    String nearest = null;
    int leastPenalty = NO_MATCH;
    for (String candidate : candidates) {
      int penalty = candidate.equals(word) ? NO_MATCH : penalty(word, candidate);
      if (penalty < leastPenalty) {
        leastPenalty = penalty;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code "Did you mean x?"}, or nothing. */
  public static String question(String word, Collection<String> candidates) {
    return of(word, candidates).map(name -> "Did you mean " + name + "?").orElse("");
  }

  private static int penalty(String word, String candidate) {
    String given = word.toLowerCase(Locale.ROOT);
    String meant = candidate.toLowerCase(Locale.ROOT);
    if (given.equals(meant)) {
      return 0;
    }
    String bareGiven = lettersAndDigits(given);
    if (!bareGiven.isEmpty() && bareGiven.equals(lettersAndDigits(meant))) {
      return 1;
    }
    if (meant.endsWith("." + given) || given.endsWith("." + meant)) {
      return 2;
    }
    if (given.length() > MAX_COMPARED_CHARS || meant.length() > MAX_COMPARED_CHARS) {
      return NO_MATCH;
    }
    int slips = distance(given, meant);
    if (slips <= tolerance(given)) {
      return 2 + slips;
    }
    if (given.length() >= 4 && meant.startsWith(given)) {
      return 6;
    }
    int slipsWithoutPrefix = distance(given, meant.substring(meant.lastIndexOf('.') + 1));
    if (slipsWithoutPrefix <= tolerance(given)) {
      return 7 + slipsWithoutPrefix;
    }
    return NO_MATCH;
  }

  /**
   * Slips allowed, by the length of the part after the last dot: none in one or two letters, where
   * every name is near every other.
   */
  private static int tolerance(String word) {
    int chars = word.length() - 1 - word.lastIndexOf('.');
    if (chars < 3) {
      return 0;
    }
    return chars < 6 ? 1 : chars < 12 ? 2 : 3;
  }

  private static String lettersAndDigits(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    text.chars().filter(Character::isLetterOrDigit).forEach(c -> kept.append((char) c));
    return kept.toString();
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
  static int distance(String a, String b) {
    int[] beforePrevious = new int[b.length() + 1];
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
        boolean isSwap =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        current[j] = isSwap ? Math.min(best, beforePrevious[j - 2] + 1) : best;
      }
      int[] spare = beforePrevious;
      beforePrevious = previous;
      previous = current;
      current = spare;
    }
    return previous[b.length()];
  }
}
