/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ComponentKind;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.declaration.ComponentDescription;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every option that Flume has for a component that exists here is honoured or answered. */
class FlumeOptionsTest {
  private final Catalog catalog = Catalog.load(FlumeOptionsTest.class.getClassLoader());

  @Test
  void everyOptionOfFlumeIsDeclared() throws IOException {
    List<String> missing = new ArrayList<>();
    for (String line : lines()) {
      String[] fields = line.split("\t", -1);
      Optional<ComponentDescription> component =
          catalog.describe(ComponentKind.valueOf(fields[0]), fields[1]);
      assertThat(component).as("%s %s", fields[0], fields[1]).isPresent();
      if (!isDeclared(component.orElseThrow(), fields[2])) {
        missing.add(fields[0] + " " + fields[1] + ": " + fields[2]);
      }
    }
    assertThat(missing).isEmpty();
  }

  /**
   * A key is covered by an option of its name, or by one that collects every key below a prefix.
   */
  private static boolean isDeclared(ComponentDescription component, String key) {
    String concrete = key.replaceAll("<[^>]*>", "x").replace("*", "x");
    return component.options().stream()
        .anyMatch(
            option ->
                option.name().equals(key)
                    || option.name().equals(concrete)
                    || option.aliases().contains(key)
                    || collects(option.name(), concrete)
                    || isNested(option.type(), option.name(), concrete));
  }

  private static boolean collects(String name, String key) {
    return name.endsWith(".*") && key.startsWith(name.substring(0, name.length() - 1));
  }

  private static boolean isNested(String type, String name, String key) {
    return type.startsWith("type of") && key.startsWith(name.replaceFirst("\\.type$", "") + ".");
  }

  private static List<String> lines() throws IOException {
    try (InputStream in = FlumeOptionsTest.class.getResourceAsStream("flume-options.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }
}
