/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.util.Locale;
import java.util.regex.Pattern;

/** Tells by its name what must never be shown. Stateless. */
final class Secrets {
  private static final Pattern SECRET_NAME =
      Pattern.compile("passw|passphrase|passcode|secret|token|credential|jaas|pwd|apikey|api_key");

  /** User and password in a URL, such as {@code s3a://KEY:SECRET@bucket}. */
  private static final Pattern URL_USER = Pattern.compile("(\\w+://)[^/\\s@]+@");

  private Secrets() {}

  static boolean isSecret(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return lower.endsWith("key") || SECRET_NAME.matcher(lower).find();
  }

  static String withoutUrlUsers(String value) {
    return URL_USER.matcher(value).replaceAll("$1***@");
  }
}
