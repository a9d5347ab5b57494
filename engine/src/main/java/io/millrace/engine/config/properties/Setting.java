/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;

/**
 * One key, its value, and the line where it stands. Immutable.
 *
 * @param isSecret whether the value must never be shown
 * @param isSubstituted whether the value came from elsewhere than the file, in part at least
 */
public record Setting(
    String key, String value, Place place, boolean isSecret, boolean isSubstituted) {
  /** More of a value than this says nothing more in a message. */
  private static final int MAX_SHOWN_CHARS = 100;

  /** A setting that is secret if its key looks so. */
  public static Setting of(String key, String value, Place place) {
    return new Setting(key, value, place, Secrets.isSecret(key), false);
  }

  /** This setting with what its variables stand for. */
  public Setting withValue(String newValue, boolean makesSecret) {
    return new Setting(key, newValue, place, isSecret || makesSecret, true);
  }

  public Setting secret() {
    return new Setting(key, value, place, true, isSubstituted);
  }

  /** The value in quotes, or words instead of a secret one. */
  public String shown() {
    return isSecret ? "the value (not shown)" : "'" + abridged() + "'";
  }

  public Problem error(String message, String remedy) {
    return problem(Severity.ERROR, message, remedy);
  }

  public Problem warning(String message, String remedy) {
    return problem(Severity.WARNING, message, remedy);
  }

  public Problem hint(String message, String remedy) {
    return problem(Severity.HINT, message, remedy);
  }

  private Problem problem(Severity severity, String message, String remedy) {
    return new Problem(severity, place, key, isSecret ? "" : abridged(), message, remedy);
  }

  private String abridged() {
    String beginning = value.substring(0, Math.min(value.length(), 10 * MAX_SHOWN_CHARS));
    String safe = Secrets.withoutUrlUsers(beginning);
    return safe.length() <= MAX_SHOWN_CHARS ? safe : safe.substring(0, MAX_SHOWN_CHARS) + "...";
  }

  /** Without the value of a secret. */
  @Override
  public String toString() {
    return place + ": " + key + " = " + shown();
  }
}
