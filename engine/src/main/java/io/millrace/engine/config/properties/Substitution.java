/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Resolves {@code ${...}} in values:
 *
 * <pre>
 *   ${env:NAME} ${sys:name} ${java:version} ${date:pattern}   environment, system property, ...
 *   ${some.other.key}                                         another key of the files
 *   ${name:-fallback}                                         what to take when there is none
 *   ${env:${which}}                                           names may be made of variables
 *   $${name}                                                  the text ${name}
 * </pre>
 *
 * What resolves to nothing stays as it is written, for a component may give it a meaning of its
 * own; so do references to config filters, {@code ${filter['key']}}. Confined to one call.
 */
final class Substitution {
  /**
   * A value that grows beyond this, by variables that name each other, is left as it is written.
   */
  static final int MAX_VALUE_CHARS = 1 << 16;

  /** Variables within the values of variables. */
  static final int MAX_DEPTH = 32;

  /** Variables in one value, those in the values of variables counted each time. */
  static final int MAX_VARIABLES = 1000;

  private static final String ENVIRONMENT_RESOLVER =
      "org.apache.flume.node.EnvVarResolverProperties";

  private final Environment environment;
  private final Lookups lookups;
  private final Map<String, Setting> settings;
  private final boolean bareNamesReadEnvironment;
  private final Set<String> referencedKeys = new LinkedHashSet<>();

  Substitution(Environment environment, Map<String, Setting> settings) {
    this.environment = environment;
    this.lookups = new Lookups(environment);
    this.settings = settings;
    this.bareNamesReadEnvironment =
        ENVIRONMENT_RESOLVER.equals(environment.systemProperties().get("propertiesImplementation"));
  }

  /** All settings, resolved; adds a problem for what cannot be. */
  Map<String, Setting> resolveAll(List<Problem> problems) {
    Map<String, Setting> resolved = new LinkedHashMap<>();
    settings.forEach((key, setting) -> resolved.put(key, resolve(setting, problems)));
    return resolved;
  }

  /** Keys that other values refer to. */
  Set<String> referencedKeys() {
    return referencedKeys;
  }

  private Setting resolve(Setting setting, List<Problem> problems) {
    if (!setting.value().contains("${")) {
      return setting;
    }
    Expansion expansion = new Expansion(setting, problems);
    try {
      String value = expansion.expand(setting.value(), 0);
      return setting.withValue(value.trim(), expansion.touchesSecret);
    } catch (EndlessException e) {
      problems.add(setting.error(e.getMessage() + "; the value stays as it is written", ""));
      return setting;
    }
  }

  /** Variables that lead to themselves or to a value without bound. */
  private static final class EndlessException extends Exception {
    private static final long serialVersionUID = 1L;

    EndlessException(String message) {
      super(message);
    }
  }

  /** The expansion of one setting. */
  private final class Expansion {
    private final Setting setting;
    private final List<Problem> problems;
    private final Set<String> open = new LinkedHashSet<>();
    private int variables;
    private boolean touchesSecret;

    Expansion(Setting setting, List<Problem> problems) {
      this.setting = setting;
      this.problems = problems;
      this.open.add(setting.key());
    }

    String expand(String text, int depth) throws EndlessException {
      if (depth > MAX_DEPTH) {
        throw new EndlessException("variables are nested more than " + MAX_DEPTH + " deep");
      }
      checkBounds(text.length());
      StringBuilder expanded = new StringBuilder();
      int offset = 0;
      while (offset < text.length()) {
        int start = text.indexOf("${", offset);
        if (start < 0) {
          break;
        }
        boolean isEscaped = start > offset && text.charAt(start - 1) == '$';
        int end = isEscaped ? -1 : closingBrace(text, start + 2);
        if (isEscaped) {
          expanded.append(text, offset, start - 1).append("${");
          offset = start + 2;
        } else if (end < 0) {
          expanded.append(text, offset, start + 2);
          offset = start + 2;
        } else {
          expanded.append(text, offset, start);
          expanded.append(variable(text.substring(start + 2, end), depth));
          offset = end + 1;
        }
        checkBounds(expanded.length());
      }
      return expanded.append(text, Math.min(offset, text.length()), text.length()).toString();
    }

    private void checkBounds(int chars) throws EndlessException {
      variables++;
      if (chars > MAX_VALUE_CHARS) {
        throw new EndlessException(
            "a value with variables is longer than " + MAX_VALUE_CHARS + " characters");
      }
      if (variables > MAX_VARIABLES) {
        throw new EndlessException("the value has more than " + MAX_VARIABLES + " variables");
      }
    }

    /** What {@code ${expression}} stands for; itself when nothing is known. */
    private String variable(String expression, int depth) throws EndlessException {
      String asWritten = "${" + expression + "}";
      if (FilterReference.isOne(asWritten)) {
        return asWritten;
      }
      String resolvedExpression = expand(expression, depth + 1);
      int fallbackStart = resolvedExpression.indexOf(":-");
      String name =
          fallbackStart < 0 ? resolvedExpression : resolvedExpression.substring(0, fallbackStart);
      Optional<String> value = find(name, depth);
      if (value.isPresent()) {
        return value.get();
      }
      if (fallbackStart >= 0) {
        return resolvedExpression.substring(fallbackStart + 2);
      }
      describeUnresolved(asWritten, name);
      return asWritten;
    }

    private Optional<String> find(String name, int depth) throws EndlessException {
      Optional<String> value = Optional.ofNullable(settings.get(name)).map(Setting::value);
      if (value.isPresent()) {
        referencedKeys.add(name);
      }
      int colon = name.indexOf(':');
      if (value.isEmpty() && colon > 0) {
        value = lookups.find(name.substring(0, colon), name.substring(colon + 1));
      }
      if (value.isEmpty() && bareNamesReadEnvironment) {
        value = Optional.ofNullable(environment.variables().get(name));
      }
      if (value.isEmpty()) {
        return value;
      }
      touchesSecret |= Secrets.isSecret(name);
      if (!open.add(name)) {
        throw new EndlessException("'" + name + "' leads back to itself");
      }
      String expanded = expand(value.get(), depth + 1);
      open.remove(name);
      return Optional.of(expanded);
    }

    private void describeUnresolved(String asWritten, String name) {
      int colon = name.indexOf(':');
      String prefix = colon > 0 ? name.substring(0, colon) : "";
      if (Lookups.PREFIXES.contains(prefix)) {
        problems.add(
            setting.warning(
                asWritten + " resolves to nothing and stays as it is written",
                prefix.equals("env")
                    ? NearestName.question(
                        name.substring(colon + 1), environment.variables().keySet())
                    : ""));
      } else if (environment.variables().containsKey(name)) {
        problems.add(
            setting.hint(
                asWritten + " stays as it is written, although the environment has " + name,
                "Write ${env:" + name + "} to read it."));
      }
    }
  }

  /** The index of the brace that closes the variable whose expression begins at {@code start}. */
  private static int closingBrace(String text, int start) {
    int depth = 0;
    for (int offset = start; offset < text.length(); offset++) {
      if (text.startsWith("${", offset)) {
        depth++;
        offset++;
      } else if (text.charAt(offset) == '}') {
        if (depth == 0) {
          return offset;
        }
        depth--;
      }
    }
    return -1;
  }
}
