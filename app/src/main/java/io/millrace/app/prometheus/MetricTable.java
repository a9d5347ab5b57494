/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import io.millrace.app.prometheus.MetricDeclaration.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The declarations of all metrics, from {@code metrics.tsv}: one line each. A metric that is not
 * declared, such as one of a plug-in, gets a name made of its own. Immutable.
 */
public final class MetricTable {
  private static final String RESOURCE = "metrics.tsv";
  private static final int COLUMNS = 6;

  private final Map<String, MetricDeclaration> declarations;

  private MetricTable(Map<String, MetricDeclaration> declarations) {
    this.declarations = declarations;
  }

  public static MetricTable load() {
    try (InputStream in = MetricTable.class.getResourceAsStream(RESOURCE)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MetricTable parse(String text) {
    Map<String, MetricDeclaration> declarations = new LinkedHashMap<>();
    for (String line : text.split("\n", -1)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      MetricDeclaration declaration = declaration(line);
      String key = key(declaration.kind(), declaration.name());
      if (declarations.put(key, declaration) != null) {
        throw new IllegalArgumentException(RESOURCE + ": " + key + " is declared twice");
      }
    }
    return new MetricTable(declarations);
  }

  private static MetricDeclaration declaration(String line) {
    String[] cells = line.split("\t", -1);
    if (cells.length != COLUMNS) {
      throw new IllegalArgumentException(
          RESOURCE + ": " + cells.length + " columns (expected: " + COLUMNS + ") in: " + line);
    }
    boolean isLeftOut = cells[2].equals("-");
    return new MetricDeclaration(
        cells[0],
        cells[1],
        cells[2],
        isLeftOut ? Type.LEFT_OUT : Type.valueOf(cells[3].toUpperCase(Locale.ROOT)),
        isLeftOut ? 1 : scale(cells[4], line),
        cells[4].equals("unbounded"),
        cells[5]);
  }

  private static double scale(String unit, String line) {
    return switch (unit) {
      case "1", "unbounded" -> 1;
      case "millis" -> 1e-3;
      case "micros" -> 1e-6;
      case "nanos" -> 1e-9;
      case "percent" -> 1e-2;
      default ->
          throw new IllegalArgumentException(
              RESOURCE
                  + ": unit '"
                  + unit
                  + "' (expected: 1, unbounded, percent, millis, micros or nanos) in: "
                  + line);
    };
  }

  private static String key(String kind, String name) {
    return kind + "\t" + name;
  }

  /** In the order of the table. */
  public List<MetricDeclaration> all() {
    return List.copyOf(declarations.values());
  }

  boolean isDeclared(String kind, String name) {
    return declarations.containsKey(key(kind, name));
  }

  /** The declaration, or one made up for a metric that has none. */
  MetricDeclaration find(String kind, String name, Type type) {
    MetricDeclaration declared = declarations.get(key(kind, name));
    if (declared != null) {
      return declared;
    }
    String exported = "millrace_" + kind + "_" + snake(name);
    return new MetricDeclaration(
        kind,
        name,
        type == Type.COUNTER ? exported + "_total" : exported,
        type,
        1,
        false,
        "Not described: " + name + " of a " + kind + ".");
  }

  /** A declaration that must be there. */
  MetricDeclaration need(String kind, String name) {
    MetricDeclaration declared = declarations.get(key(kind, name));
    if (declared == null) {
      throw new IllegalArgumentException(kind + " " + name + " is not declared in " + RESOURCE);
    }
    return declared;
  }

  /**
   * {@code EventPutCount} is {@code event_put_count}; what no name may hold is {@code _}, and
   * endings that the formats keep for themselves are left out.
   */
  static String snake(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
        .replaceAll("[^A-Za-z0-9_]+", "_")
        .toLowerCase(Locale.ROOT)
        .replaceAll("(_total|_created|_bucket|_info)+$", "");
  }
}
