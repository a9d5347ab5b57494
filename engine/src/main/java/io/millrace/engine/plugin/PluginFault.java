/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import java.util.Optional;

/**
 * Says in the words of an operator why classes of a plug-in cannot be loaded. Immutable.
 *
 * @param message what happened, and in which plug-in
 * @param remedy what to do
 */
public record PluginFault(String message, String remedy) {
  private static final int MAX_CAUSES = 20;
  private static final String BROKEN_BEFORE = "Could not initialize class ";

  /** What {@code failure} says of this plug-in. */
  public static PluginFault of(PluginDirectory plugin, Throwable failure) {
    Optional<String> missing = missingClass(failure);
    if (missing.isPresent()) {
      return new PluginFault(
          "the " + plugin + " needs the class " + missing.get() + ", which none of its jars has",
          "Put the jar with that class into " + plugin.extensions() + " and start again.");
    }
    Throwable last = failure;
    for (int i = 0; last.getCause() != null && i < MAX_CAUSES; i++) {
      last = last.getCause();
    }
    if (last instanceof UnsupportedClassVersionError) {
      return new PluginFault(
          "the "
              + plugin
              + " has a class that this Java ("
              + Runtime.version().feature()
              + ") is too old for: "
              + last.getMessage(),
          "Run the agent on the Java that the plug-in asks for, or install a version for this one.");
    }
    return new PluginFault(
        "the " + plugin + " cannot be loaded: " + last,
        "Its jars may be of versions that do not go together.");
  }

  /** Name of the class that is not there, if that is what it is. */
  private static Optional<String> missingClass(Throwable failure) {
    Optional<String> missing = Optional.empty();
    Throwable each = failure;
    for (int i = 0; each != null && i < MAX_CAUSES; i++) {
      String text = each.getMessage();
      boolean isMissing =
          each instanceof ClassNotFoundException
              || (each instanceof NoClassDefFoundError
                  && text != null
                  && !text.startsWith(BROKEN_BEFORE));
      if (isMissing && text != null && text.indexOf(' ') < 0) {
        missing = Optional.of(text.replace('/', '.'));
      }
      each = each.getCause();
    }
    return missing;
  }

  @Override
  public String toString() {
    return message + ". " + remedy;
  }
}
