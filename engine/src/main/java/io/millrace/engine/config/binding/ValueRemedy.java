/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import io.millrace.engine.config.properties.Setting;

/** What to do about a value that cannot be read, from how it looks. Stateless. */
final class ValueRemedy {
  private ValueRemedy() {}

  static String of(Setting setting, String otherwise) {
    String value = setting.value();
    if (value.contains(" #") || value.contains("\t#")) {
      return "A # after a value does not begin a comment: put it on a line of its own.";
    }
    if (value.contains("${")) {
      return "Nothing resolves the variable in it.";
    }
    if (value.startsWith("<") && value.endsWith(">")) {
      return "It looks like a placeholder that was left in.";
    }
    return otherwise;
  }
}
