/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.ConfigurationException;
import io.millrace.api.MillraceException;
import io.millrace.api.SinkSelector;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;

/** Makes selectors of classes that a configuration names. Stateless. */
final class SelectorClass {
  private static final String OPTION = "selector";
  private static final String SHAPE =
      "(expected: "
          + String.join(", ", LoadBalance.SELECTORS)
          + ", or a public class that implements "
          + SinkSelector.class.getName()
          + " and has a public constructor that takes a List of names and a Map of options)";

  private SelectorClass() {}

  static SinkSelector make(String className, List<String> sinks, Map<String, String> options) {
    try {
      Class<?> type = load(className);
      if (!SinkSelector.class.isAssignableFrom(type)) {
        throw new ConfigurationException(OPTION, "'" + className + "' is no selector " + SHAPE);
      }
      return (SinkSelector)
          type.getConstructor(List.class, Map.class)
              .newInstance(List.copyOf(sinks), Map.copyOf(options));
    } catch (ClassNotFoundException e) {
      throw new ConfigurationException(
          OPTION,
          "there is no selector or class '"
              + className
              + "' on the class path of this agent "
              + SHAPE);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof MillraceException refusal) {
        throw refusal;
      }
      throw new ConfigurationException(
          OPTION, "the constructor of '" + className + "' failed with " + e.getCause());
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new ConfigurationException(
          OPTION, "'" + className + "' cannot be made: " + e + " " + SHAPE);
    }
  }

  /** From the application around an embedded agent, else from where the engine is. */
  private static Class<?> load(String className) throws ClassNotFoundException {
    ClassLoader around = Thread.currentThread().getContextClassLoader();
    if (around != null) {
      try {
        return Class.forName(className, true, around);
      } catch (ClassNotFoundException e) {
        // The other loader may know it.
      }
    }
    return Class.forName(className, true, SelectorClass.class.getClassLoader());
  }
}
