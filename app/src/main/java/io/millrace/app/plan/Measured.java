/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The figures that plans are computed from, each with its source. Immutable. */
record Measured(String machine, Map<String, Constant> constants) {
  /**
   * One of them.
   *
   * @param source the file, and the row in it
   */
  record Constant(String name, double value, String unit, String what, String source) {}

  Measured {
    constants = Map.copyOf(constants);
  }

  /** Those that come with the command. */
  static Measured load() {
    Properties lines = new Properties();
    try (InputStream in = Measured.class.getResourceAsStream("measured.properties");
        Reader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      lines.load(text);
    } catch (IOException e) {
      throw new UncheckedIOException("measured.properties of the command", e);
    }
    Map<String, Constant> constants = new TreeMap<>();
    for (String name : lines.stringPropertyNames()) {
      if (!name.equals("machine")) {
        String[] parts = lines.getProperty(name).split("\\|", -1);
        if (parts.length != 4) {
          throw new IllegalStateException(
              "measured.properties: " + name + " has " + parts.length + " parts (expected: 4)");
        }
        constants.put(
            name,
            new Constant(
                name,
                Double.parseDouble(parts[0].trim()),
                parts[1].trim(),
                parts[2].trim(),
                parts[3].trim()));
      }
    }
    return new Measured(lines.getProperty("machine"), constants);
  }

  Constant get(String name) {
    Constant constant = constants.get(name);
    if (constant == null) {
      throw new IllegalArgumentException(
          "constant: " + name + " (expected: one of " + constants.keySet() + ")");
    }
    return constant;
  }

  double value(String name) {
    return get(name).value();
  }
}
