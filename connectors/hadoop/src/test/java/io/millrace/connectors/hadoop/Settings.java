/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.SerializerOptions;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes an options record from settings, as the engine does. Stateless. */
final class Settings {
  private Settings() {}

  /** Stands for the built-in serializer of text. */
  private record Text() implements SerializerOptions {
    @Override
    public EventSerializer.Factory build() {
      return target ->
          event -> {
            event.writeBodyTo(target);
            target.write('\n');
          };
    }
  }

  /** Settings as {@code name, value, name, value, ...}; the path of the sink first. */
  static HdfsSinkOptions sink(String path, Object... settings) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hdfs.path", path);
    map.put("hdfs.rollInterval", "600");
    map.put("hdfs.rollSize", "0");
    map.put("hdfs.rollCount", "0");
    for (int i = 0; i < settings.length; i += 2) {
      map.put((String) settings[i], settings[i + 1]);
    }
    return bind(HdfsSinkOptions.class, map);
  }

  static <T extends Record> T bind(Class<T> type, Map<String, Object> settings) {
    List<Object> values = new ArrayList<>();
    List<Class<?>> types = new ArrayList<>();
    for (RecordComponent each : type.getRecordComponents()) {
      types.add(each.getType());
      if (each.isAnnotationPresent(OptionGroup.class)) {
        values.add(bind(each.getType().asSubclass(Record.class), settings));
      } else {
        values.add(value(each, settings));
      }
    }
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object value(RecordComponent component, Map<String, Object> settings) {
    Option option = component.getAnnotation(Option.class);
    String name = option.name().isEmpty() ? component.getName() : option.name();
    if (component.getType() == Map.class) {
      String prefix = name.substring(0, name.length() - 1);
      Map<String, String> found = new LinkedHashMap<>();
      settings.forEach(
          (key, value) -> {
            if (key.startsWith(prefix)) {
              found.put(key.substring(prefix.length()), (String) value);
            }
          });
      return found;
    }
    Object given = settings.get(name);
    if (given == null && !option.def().equals(Option.NO_DEFAULT)) {
      given = option.def();
    }
    if (component.getType() == Optional.class) {
      Type inner = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      return Optional.ofNullable(given).map(g -> read(g, (Class<?>) inner, option));
    }
    if (component.getType() == List.class) {
      return given == null ? List.of() : List.of(((String) given).split("\\s+"));
    }
    return read(given, component.getType(), option);
  }

  private static Object read(Object given, Class<?> type, Option option) {
    if (type.isInstance(given)) {
      return given;
    }
    String text = String.valueOf(given);
    if (type == int.class || type == Integer.class) {
      return Integer.valueOf(text);
    }
    if (type == long.class || type == Long.class) {
      return Long.valueOf(text);
    }
    if (type == boolean.class) {
      return Boolean.valueOf(text);
    }
    if (type == Duration.class) {
      return option.bareUnit() == BareUnit.SECONDS
          ? Duration.ofSeconds(Long.parseLong(text))
          : Duration.ofMillis(Long.parseLong(text));
    }
    if (type == DataSize.class) {
      return DataSize.parse(text);
    }
    if (type == Path.class) {
      return Path.of(text);
    }
    if (type == SerializerOptions.class) {
      return new Text();
    }
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(text.toUpperCase(Locale.ROOT))) {
        return constant;
      }
    }
    throw new IllegalArgumentException(text + " for " + type);
  }
}
