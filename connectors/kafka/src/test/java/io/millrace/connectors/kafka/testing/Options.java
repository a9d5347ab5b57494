/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import io.millrace.api.DataSize;
import io.millrace.api.Option;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a record of options from keys, as plainly as tests need it: names and aliases, defaults,
 * families. Stateless.
 */
public final class Options {
  private Options() {}

  public static <T extends Record> T read(Class<T> type, Map<String, String> given) {
    Map<String, String> left = new HashMap<>(given);
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < components.length; i++) {
        Option option = components[i].getAnnotation(Option.class);
        String name = option.name().isEmpty() ? components[i].getName() : option.name();
        types[i] = components[i].getType();
        if (name.endsWith(".*") == (pass == 1)) {
          values[i] =
              pass == 1
                  ? family(name.substring(0, name.length() - 1), left)
                  : value(option, name, components[i].getGenericType(), left);
        }
      }
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException("Nobody reads " + left.keySet());
    }
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw (RuntimeException) e.getCause();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> family(String prefix, Map<String, String> left) {
    Map<String, String> family = new HashMap<>();
    left.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            family.put(key.substring(prefix.length()), value);
          }
        });
    family.keySet().forEach(key -> left.remove(prefix + key));
    return family;
  }

  private static Object value(Option option, String name, Type type, Map<String, String> left) {
    String text = left.remove(name);
    for (String alias : option.aliases()) {
      String aliased = left.remove(alias);
      text = text == null ? aliased : text;
    }
    boolean isOptional =
        type instanceof ParameterizedType generic && generic.getRawType() == Optional.class;
    if (text == null && isOptional) {
      return Optional.empty();
    }
    if (text == null) {
      text = option.def().equals(Option.NO_DEFAULT) ? "" : option.def();
    }
    return isOptional
        ? Optional.of(single(((ParameterizedType) type).getActualTypeArguments()[0], text))
        : type instanceof ParameterizedType
            ? text.isEmpty() ? List.of() : Arrays.asList(text.split(",", -1))
            : single(type, text);
  }

  private static Object single(Type type, String text) {
    if (type == String.class) {
      return text;
    } else if (type == int.class || type == Integer.class) {
      return Integer.valueOf(text);
    } else if (type == long.class) {
      return Long.valueOf(text);
    } else if (type == boolean.class || type == Boolean.class) {
      return Boolean.valueOf(text);
    } else if (type == Duration.class) {
      return Duration.ofMillis(Long.parseLong(text));
    } else if (type == DataSize.class) {
      return DataSize.parse(text);
    } else if (type instanceof Class<?> c && c.isEnum()) {
      return Arrays.stream(c.getEnumConstants())
          .filter(constant -> constant.toString().equals(text.toUpperCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow();
    }
    throw new IllegalArgumentException(type + " is not read here");
  }
}
