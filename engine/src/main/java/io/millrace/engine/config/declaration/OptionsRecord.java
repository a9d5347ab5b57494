/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A record of options: its members in order and how to make one. Immutable. */
public final class OptionsRecord implements RecordMember {
  private final List<RecordMember> members;
  private final Constructor<?> constructor;

  private OptionsRecord(List<RecordMember> members, Constructor<?> constructor) {
    this.members = List.copyOf(members);
    this.constructor = constructor;
  }

  /**
   * Reads the declaration of a record.
   *
   * @throws IllegalArgumentException when it declares something that cannot be
   */
  static OptionsRecord of(Class<?> type) {
    if (!type.isRecord()) {
      throw new IllegalArgumentException(type.getName() + " (expected: a record)");
    }
    RecordComponent[] components = type.getRecordComponents();
    List<RecordMember> members = new ArrayList<>();
    for (RecordComponent component : components) {
      try {
        members.add(member(component));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            type.getName() + "." + component.getName() + ": " + e.getMessage(), e);
      }
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return new OptionsRecord(members, constructor);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type.getName() + " has no canonical constructor", e);
    }
  }

  private static RecordMember member(RecordComponent component) {
    Option option = component.getAnnotation(Option.class);
    boolean isGroup = component.isAnnotationPresent(OptionGroup.class);
    if ((option != null) == isGroup) {
      throw new IllegalArgumentException("(expected: either @Option or @OptionGroup)");
    }
    return isGroup ? of(component.getType()) : OptionDeclaration.of(component, option);
  }

  public List<RecordMember> members() {
    return members;
  }

  /** Its options and those of its groups, in order. */
  public List<OptionDeclaration> options() {
    List<OptionDeclaration> options = new ArrayList<>();
    for (RecordMember member : members) {
      if (member instanceof OptionsRecord group) {
        options.addAll(group.options());
      } else if (member instanceof OptionDeclaration option) {
        options.add(option);
      }
    }
    return options;
  }

  /** Makes the record of values in the order of its members; passes on what its rules throw. */
  public Object make(List<Object> values) {
    try {
      return constructor.newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException broken) {
        throw broken;
      }
      if (e.getCause() instanceof LinkageError missing) {
        throw missing;
      }
      throw new IllegalStateException(constructor + " failed", e.getCause());
    } catch (InstantiationException | IllegalAccessException e) {
      throw new IllegalStateException(constructor + " cannot be called", e);
    }
  }
}
