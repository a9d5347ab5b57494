/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import io.millrace.engine.config.properties.Setting;
import java.util.Set;

/**
 * Tells which options of Flume protect data or the agent. A component that does not have one must
 * not run without it, as an ignored option of another sort may. Stateless.
 */
final class Protection {
  private static final Set<String> SWITCHES =
      Set.of("ssl", "enableSSL", "kerberos", "ipFilter", "useKerberos");
  private static final String ENCRYPTION = "encryption.";

  private Protection() {}

  /** Whether the setting asks for protection. */
  static boolean isAskedFor(String key, Setting setting) {
    return SWITCHES.contains(key)
        ? setting.value().equalsIgnoreCase("true")
        : key.startsWith(ENCRYPTION);
  }
}
