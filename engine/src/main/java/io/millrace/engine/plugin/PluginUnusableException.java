/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

/** A plug-in that cannot be loaded as it is. */
public final class PluginUnusableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  public PluginUnusableException(String message, String remedy, Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  /** What to do, as a sentence. */
  public String remedy() {
    return remedy;
  }
}
