/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.logback;

/**
 * {@code <name>} and {@code <value>} within an element of the configuration. Logback makes it and
 * fills it in. Confined to the thread that configures.
 *
 * @since 0.1
 */
public final class NamedValue {
  private String name = "";
  private String value = "";

  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  public String getValue() {
    return value;
  }

  public void setValue(String value) {
    this.value = value;
  }
}
