/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import io.millrace.api.ConfigurationException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is done after a response, by its status: an exact code counts before its class ({@code
 * 4XX}), and that before the default. Immutable.
 */
final class StatusRules {
  private static final Pattern CODE = Pattern.compile("[1-5]([0-9]{2}|XX)");

  private final boolean isDefault;
  private final boolean isDefaultOfSuccess;
  private final Map<String, Boolean> rules;

  private StatusRules(boolean isDefault, boolean isDefaultOfSuccess, Map<String, Boolean> rules) {
    this.isDefault = isDefault;
    this.isDefaultOfSuccess = isDefaultOfSuccess;
    this.rules = rules;
  }

  /**
   * @param family name of the options, such as {@code backoff}
   * @param isDefaultOfSuccess for codes from 200 to 299 without a rule of their own
   * @throws ConfigurationException that names the option at fault
   */
  static StatusRules of(
      String family, boolean isDefault, boolean isDefaultOfSuccess, Map<String, Boolean> texts) {
    Map<String, Boolean> rules = new HashMap<>();
    texts.forEach(
        (code, is) -> {
          String upper = code.replace('x', 'X');
          if (!CODE.matcher(upper).matches()) {
            throw new ConfigurationException(
                family + "." + code,
                family + "." + code + " names no status (expected: a code such as 404, or 4XX)");
          }
          rules.put(upper, is);
        });
    return new StatusRules(isDefault, isDefaultOfSuccess, Map.copyOf(rules));
  }

  boolean applies(int status) {
    Boolean exact = rules.get(Integer.toString(status));
    if (exact != null) {
      return exact;
    }
    Boolean ofClass = rules.get(status / 100 + "XX");
    if (ofClass != null) {
      return ofClass;
    }
    return isSuccess(status) ? isDefaultOfSuccess : isDefault;
  }

  static boolean isSuccess(int status) {
    return status / 100 == 2;
  }
}
