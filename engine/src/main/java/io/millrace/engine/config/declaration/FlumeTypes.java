/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ComponentKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The component types of Apache Flume 1.x, by alias and class. Immutable. */
final class FlumeTypes {
  private static final String RESOURCE = "flume-types.tsv";

  /**
   * A type of Flume.
   *
   * @param whyNot why there will be none here; empty when it is planned
   * @param instead what to use instead, as a sentence; empty when there is no such thing
   * @param connector name of the plug-in of this distribution that has it; empty when none has
   */
  record FlumeType(
      String alias, String className, String whyNot, String instead, String connector) {}

  private final Map<ComponentKind, Map<String, FlumeType>> byKind;

  private FlumeTypes(Map<ComponentKind, Map<String, FlumeType>> byKind) {
    this.byKind = byKind;
  }

  static FlumeTypes read() {
    Map<ComponentKind, Map<String, FlumeType>> byKind = new HashMap<>();
    for (String line : resourceLines()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.split("\t", -1);
      FlumeType type =
          new FlumeType(
              fields[1],
              fields[2],
              fields[3],
              fields.length > 4 ? fields[4] : "",
              fields.length > 5 ? fields[5] : "");
      Map<String, FlumeType> types =
          byKind.computeIfAbsent(ComponentKind.valueOf(fields[0]), kind -> new HashMap<>());
      types.put(type.className().toLowerCase(Locale.ROOT), type);
      if (!type.alias().isEmpty()) {
        types.put(type.alias().toLowerCase(Locale.ROOT), type);
      }
    }
    return new FlumeTypes(byKind);
  }

  /** The type of Flume that a word means, in any case, with or without {@code $Builder}. */
  Optional<FlumeType> find(ComponentKind kind, String word) {
    Map<String, FlumeType> types = byKind.getOrDefault(kind, Map.of());
    String lower = word.toLowerCase(Locale.ROOT);
    return Optional.ofNullable(types.get(lower))
        .or(() -> Optional.ofNullable(types.get(lower + "$builder")));
  }

  /** The connector of this distribution that has the component with these classes of Flume. */
  Optional<String> connector(ComponentKind kind, List<String> classNames) {
    return classNames.stream()
        .flatMap(name -> find(kind, name).stream())
        .map(FlumeType::connector)
        .filter(connector -> !connector.isEmpty())
        .findFirst();
  }

  private static List<String> resourceLines() {
    try (InputStream stream = FlumeTypes.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the jar of the engine");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE, e);
    }
  }
}
