/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.JmsConverterOptions;
import io.millrace.api.Option;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.SerializerOptions;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How many keys and values make one option. */
public sealed interface Shape {
  /** One value. */
  record Single(ValueType type) implements Shape {}

  /** Values in one key, split at {@code separator}, at white space when it is empty. */
  record Several(ValueType type, String separator) implements Shape {}

  /** One value under each key that begins with the option's prefix. */
  record Family(ValueType type) implements Shape {}

  /** The type name of a component whose options stand below the key. */
  record Nested(ComponentKind kind) implements Shape {}

  /** The shape of a record component of this type, {@code Optional} already taken off. */
  static Shape of(Type type, Option option) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return new Several(valueType((Class<?>) arguments[0], option), option.separator());
      }
      if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return new Family(valueType((Class<?>) arguments[1], option));
      }
      throw new IllegalArgumentException("type: " + type + " (expected: List, Map or Optional)");
    }
    if (type == SerializerOptions.class) {
      return new Nested(ComponentKind.SERIALIZER);
    }
    if (type == HttpHandlerOptions.class) {
      return new Nested(ComponentKind.HTTP_HANDLER);
    }
    if (type == DeserializerOptions.class) {
      return new Nested(ComponentKind.DESERIALIZER);
    }
    if (type == PathManagerOptions.class) {
      return new Nested(ComponentKind.PATH_MANAGER);
    }
    if (type == JmsConverterOptions.class) {
      return new Nested(ComponentKind.JMS_CONVERTER);
    }
    return new Single(valueType((Class<?>) type, option));
  }

  private static ValueType valueType(Class<?> type, Option option) {
    Limits limits = Limits.of(option);
    if (type == String.class) {
      return WordTypes.text();
    }
    if (type == boolean.class || type == Boolean.class) {
      return WordTypes.bool();
    }
    if (type == int.class || type == Integer.class) {
      return NumberTypes.ofInt(limits);
    }
    if (type == long.class || type == Long.class) {
      return NumberTypes.ofLong(limits);
    }
    if (type == double.class || type == Double.class) {
      return NumberTypes.ofDouble(limits);
    }
    if (type == Duration.class) {
      return QuantityTypes.duration(limits, option.bareUnit());
    }
    if (type == DataSize.class) {
      return QuantityTypes.size(limits, option.bareUnit());
    }
    if (type == Path.class) {
      return WordTypes.path();
    }
    if (type == Charset.class) {
      return WordTypes.charset();
    }
    if (type.isEnum()) {
      return WordTypes.choice(type);
    }
    throw new IllegalArgumentException(
        "type: " + type.getName() + " (expected: one that the javadoc of Option lists)");
  }
}
