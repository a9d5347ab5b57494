/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.nio.charset.StandardCharsets;

/** The bytes of a properties file and the name it goes by in messages. Immutable. */
public final class PropertiesText {
  private final String name;
  private final byte[] bytes;

  public PropertiesText(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes.clone();
  }

  public static PropertiesText of(String name, String text) {
    return new PropertiesText(name, text.getBytes(StandardCharsets.UTF_8));
  }

  public String name() {
    return name;
  }

  /** Not to be changed. */
  byte[] bytes() {
    return bytes;
  }
}
