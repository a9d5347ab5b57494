/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Tells the names of the options in which two records differ; never a value. Stateless. */
final class OptionDifference {
  private OptionDifference() {}

  /**
   * Keys below the component, as a configuration has them; {@code type} when the records are of two
   * classes.
   */
  static List<String> names(Object before, Object after) {
    if (before.equals(after)) {
      return List.of();
    }
    if (before.getClass() != after.getClass()) {
      return List.of("type");
    }
    List<String> names = new ArrayList<>();
    if (before.getClass().isRecord()) {
      for (RecordComponent member : before.getClass().getRecordComponents()) {
        addNames(names, member, value(member, before), value(member, after));
      }
    }
    return names.isEmpty() ? List.of("its options") : List.copyOf(names);
  }

  private static void addNames(
      List<String> names, RecordComponent member, Object before, Object after) {
    if (Objects.equals(before, after)) {
      return;
    }
    Option option = member.getAnnotation(Option.class);
    String name = option == null || option.name().isEmpty() ? member.getName() : option.name();
    if (member.isAnnotationPresent(OptionGroup.class)) {
      names.addAll(names(before, after));
    } else if (before instanceof Map<?, ?> old && after instanceof Map<?, ?> now) {
      String prefix = name.endsWith("*") ? name.substring(0, name.length() - 1) : name + ".";
      changedKeys(old, now).forEach(key -> names.add(prefix + key));
    } else {
      names.add(name);
    }
  }

  private static Set<String> changedKeys(Map<?, ?> before, Map<?, ?> after) {
    Set<String> keys = new TreeSet<>();
    before.forEach(
        (key, value) -> {
          if (!Objects.equals(value, after.get(key))) {
            keys.add(String.valueOf(key));
          }
        });
    after.keySet().stream()
        .filter(key -> !before.containsKey(key))
        .forEach(key -> keys.add(String.valueOf(key)));
    return keys;
  }

  private static Object value(RecordComponent member, Object options) {
    try {
      Method accessor = member.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(options);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(member + " cannot be read", e);
    }
  }
}
