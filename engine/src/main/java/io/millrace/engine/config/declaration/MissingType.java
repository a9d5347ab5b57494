/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ComponentKind;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.plugin.PluginDirectory;
import io.millrace.engine.plugin.PluginRemark;
import io.millrace.engine.plugin.PluginUnusableException;
import io.millrace.engine.plugin.Plugins;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says why a word after {@code type =} means nothing here, and what to do. Immutable. */
record MissingType(
    ComponentKind kind,
    String word,
    FlumeTypes flumeTypes,
    Plugins plugins,
    List<String> names,
    Collection<String> words) {

  /** A plug-in has it, but cannot be loaded. */
  static TypeLookup.Missing inUnusablePlugin(
      ComponentKind kind, String word, PluginUnusableException why) {
    return new TypeLookup.Missing(
        isAType(kind, word) + " that cannot be used: " + why.getMessage(), why.remedy());
  }

  /** A plug-in says that it has it, and does not. */
  static TypeLookup.Missing onlyInIndex(ComponentKind kind, String word, PluginDirectory plugin) {
    return new TypeLookup.Missing(
        isAType(kind, word)
            + " that cannot be used: the index of the "
            + plugin
            + " names it, but its catalog does not have it",
        "The plug-in is mixed from two versions, or built wrongly; install it again.");
  }

  /**
   * The answer.
   *
   * @param unusable plug-ins that may have it, who knows
   */
  TypeLookup.Missing lookup(List<PluginUnusableException> unusable) {
    TypeLookup.Missing missing =
        flumeTypes.find(kind, word).map(this::known).orElseGet(this::unknown);
    if (unusable.isEmpty()) {
      return missing;
    }
    return new TypeLookup.Missing(
        missing.message()
            + unusable.stream().map(each -> "; " + each.getMessage()).collect(Collectors.joining()),
        unusable.get(0).remedy());
  }

  private TypeLookup.Missing known(FlumeTypes.FlumeType type) {
    if (!type.connector().isEmpty()) {
      return inConnector(type.connector());
    }
    return new TypeLookup.Missing(
        type.whyNot().isEmpty()
            ? isAType(kind, word)
                + " known to Apache Flume; not provided by this version of Millrace (planned)"
            : isAType(kind, word)
                + " of Apache Flume that Millrace does not provide: "
                + type.whyNot(),
        type.instead());
  }

  private TypeLookup.Missing inConnector(String connector) {
    String start = isAType(kind, word) + " in the connector " + connector;
    if (plugins.path().isEmpty()) {
      return new TypeLookup.Missing(
          start + ", which is not on the class path",
          "Add millrace-connector-" + connector + " and what it needs to the class path.");
    }
    Optional<PluginDirectory> there =
        plugins.all().stream()
            .map(plugin -> plugin.directory())
            .filter(directory -> directory.name().equals(connector))
            .findFirst();
    if (there.isPresent()) {
      return new TypeLookup.Missing(
          start + ", but the " + there.get() + " does not have it" + remarks(there.get()),
          "Install the connector again.");
    }
    return new TypeLookup.Missing(
        start
            + ", which is not installed here (looked in: "
            + plugins.path().stream().map(Path::toString).collect(Collectors.joining(", "))
            + ")",
        "Put plugins.d/"
            + connector
            + " of the distribution there, or say with --plugins-path where it is.");
  }

  private String remarks(PluginDirectory plugin) {
    return plugins.remarks().stream()
        .filter(remark -> plugin.directories().stream().anyMatch(remark.place()::startsWith))
        .map(PluginRemark::toString)
        .collect(Collectors.joining("; ", ": ", ""))
        .replaceFirst("^: $", "");
  }

  private TypeLookup.Missing unknown() {
    Optional<String> nearest = NearestName.of(word, words);
    String question = nearest.map(name -> "Did you mean " + name + "? ").orElse("");
    if (word.indexOf('.') >= 0) {
      return new TypeLookup.Missing(
          "'"
              + word
              + "' is a class that this version does not know; plug-ins written against Apache"
              + " Flume's API are not loaded by this version",
          question + typesThereAre());
    }
    return new TypeLookup.Missing(
        "'" + word + "' is no type of " + kind.label(), question + typesThereAre());
  }

  private String typesThereAre() {
    return names.isEmpty()
        ? "There are no types of " + kind.label() + " in this installation."
        : "Types of " + kind.label() + ": " + String.join(", ", names) + ".";
  }

  private static String isAType(ComponentKind kind, String word) {
    return "'" + word + "' is a type of " + kind.label();
  }
}
