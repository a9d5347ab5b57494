/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;

/** What stands behind the prefixes {@code env:}, {@code sys:}, {@code java:} and {@code date:}. */
final class Lookups {
  static final List<String> PREFIXES = List.of("env", "sys", "java", "date");

  private final Environment environment;

  Lookups(Environment environment) {
    this.environment = environment;
  }

  /** The value of a name behind a prefix; empty when there is none. */
  Optional<String> find(String prefix, String name) {
    return switch (prefix) {
      case "env" -> Optional.ofNullable(environment.variables().get(name));
      case "sys" -> Optional.ofNullable(environment.systemProperties().get(name));
      case "java" -> java(name);
      case "date" -> date(name);
      default -> Optional.empty();
    };
  }

  private Optional<String> java(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "version" -> "Java version " + property("java.version");
          case "runtime" ->
              property("java.runtime.name")
                  + " (build "
                  + property("java.runtime.version")
                  + ") from "
                  + property("java.vendor");
          case "vm" ->
              property("java.vm.name")
                  + " (build "
                  + property("java.vm.version")
                  + ", "
                  + property("java.vm.info")
                  + ")";
          case "os" ->
              property("os.name")
                  + " "
                  + property("os.version")
                  + ", architecture: "
                  + property("os.arch");
          case "hardware" ->
              "processors: "
                  + Runtime.getRuntime().availableProcessors()
                  + ", architecture: "
                  + property("os.arch");
          case "locale" ->
              "default locale: "
                  + Locale.getDefault()
                  + ", platform encoding: "
                  + property("file.encoding");
          default -> null;
        });
  }

  private String property(String name) {
    Map<String, String> properties = environment.systemProperties();
    return properties.getOrDefault(name, "");
  }

  private Optional<String> date(String pattern) {
    try {
      SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.getDefault());
      format.setTimeZone(TimeZone.getTimeZone(environment.clock().getZone()));
      return Optional.of(format.format(Date.from(environment.clock().instant())));
    } catch (IllegalArgumentException notAPattern) {
      return Optional.empty();
    }
  }
}
