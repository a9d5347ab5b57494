/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * A setting that cannot work. The agent does not start; on a reload the old configuration stays.
 *
 * @since 0.1
 */
public final class ConfigurationException extends MillraceException {
  private static final long serialVersionUID = 1L;

  /** Name of the option at fault, relative to its component; empty when it is none alone. */
  private final String option;

  public ConfigurationException(String option, String message) {
    super(message, null);
    this.option = option;
  }

  public ConfigurationException(String message) {
    this("", message);
  }

  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
    this.option = "";
  }

  public String option() {
    return option;
  }
}
