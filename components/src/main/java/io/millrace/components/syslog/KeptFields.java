/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.ConfigurationException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which fields of a message stay in its body: all of it as it came, or some in front of the rest.
 * Immutable.
 */
record KeptFields(boolean isAll, Set<Field> fields) {
  /** In the order in which they stand in front of the body. */
  enum Field {
    PRIORITY,
    VERSION,
    TIMESTAMP,
    HOSTNAME
  }

  static final KeptFields NONE = new KeptFields(false, Set.of());

  /**
   * Reads {@code none}, {@code all} (also in Flume's old spellings {@code false} and {@code true})
   * or names of fields.
   */
  static KeptFields parse(List<String> words) {
    Set<Field> fields = EnumSet.noneOf(Field.class);
    for (String word : words) {
      switch (word.toLowerCase(Locale.ROOT)) {
        case "all", "true" -> {
          return new KeptFields(true, Set.of());
        }
        case "none", "false" -> {}
        case "priority" -> fields.add(Field.PRIORITY);
        case "version" -> fields.add(Field.VERSION);
        case "timestamp" -> fields.add(Field.TIMESTAMP);
        case "hostname", "host" -> fields.add(Field.HOSTNAME);
        default ->
            throw new ConfigurationException(
                "keepFields",
                "keepFields: '"
                    + word
                    + "' (expected: all, none, or some of priority version timestamp hostname)");
      }
    }
    return new KeptFields(false, Set.copyOf(fields));
  }

  boolean isNone() {
    return !isAll && fields.isEmpty();
  }

  boolean has(Field field) {
    return fields.contains(field);
  }
}
