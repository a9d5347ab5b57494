/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.Option;

/** Smallest and largest number of an option, in its unit. Immutable. */
record Limits(long min, long max) {
  static Limits of(Option option) {
    return new Limits(option.min(), option.max());
  }

  /** These limits, narrowed to what a type can hold. */
  Limits within(long least, long most) {
    long narrowedMin = Math.max(min, least);
    long narrowedMax = Math.min(max, most);
    return new Limits(narrowedMin, narrowedMax);
  }

  boolean hasMin() {
    return min != Long.MIN_VALUE;
  }

  boolean hasMax() {
    return max != Long.MAX_VALUE;
  }

  /** {@code a number from 0 to 65535}, {@code a duration of 1 ms or more}. */
  String expectation(String noun, String joiner, String unit) {
    if (hasMin() && hasMax()) {
      return noun + " from " + min + unit + " to " + max + unit;
    }
    if (hasMin()) {
      return noun + joiner + min + unit + " or more";
    }
    return hasMax() ? noun + joiner + max + unit + " or less" : noun;
  }
}
