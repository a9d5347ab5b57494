/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import java.nio.file.Path;

/** Something about plug-ins that keeps nothing from running. Immutable. */
public record PluginRemark(Path place, String message) {
  @Override
  public String toString() {
    return place + ": " + message;
  }
}
