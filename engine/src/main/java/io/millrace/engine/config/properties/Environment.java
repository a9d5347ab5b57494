/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;
import java.util.stream.Collectors;

/** What values may refer to outside of the files. Immutable. */
public record Environment(
    Map<String, String> variables, Map<String, String> systemProperties, Clock clock) {
  public Environment {
    variables = Map.copyOf(variables);
    systemProperties = Map.copyOf(systemProperties);
  }

  /** That of the process, as it is now. */
  public static Environment ofProcess() {
    Map<String, String> properties =
        System.getProperties().stringPropertyNames().stream()
            .collect(Collectors.toMap(name -> name, name -> System.getProperty(name, "")));
    return new Environment(System.getenv(), properties, Clock.system(ZoneId.systemDefault()));
  }

  /** What {@code ~} means at the beginning of a path. */
  public Path home() {
    return Path.of(systemProperties.getOrDefault("user.home", "."));
  }
}
