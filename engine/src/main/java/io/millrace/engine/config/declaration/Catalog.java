/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ChannelOptions;
import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.JmsConverterOptions;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.SelectorOptions;
import io.millrace.api.SerializerOptions;
import io.millrace.api.SinkOptions;
import io.millrace.api.SourceOptions;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SingleSink;
import io.millrace.engine.model.SinkProcessor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * All components of this installation, by kind and type name. Declarations are read once, here; one
 * that cannot be is a mistake of its programmer and ends in an {@link IllegalStateException}.
 * Immutable.
 */
public final class Catalog {
  private static final String BUILDER_SUFFIX = "$builder";

  /** What the engine has itself. */
  private static final List<Class<? extends ComponentOptions>> OWN =
      List.of(SingleSink.class, Failover.class, LoadBalance.class);

  /** By kind, then by type name and by Flume class, all in lower case. */
  private final Map<ComponentKind, Map<String, ComponentDeclaration>> byWord =
      new EnumMap<>(ComponentKind.class);

  private final Map<ComponentKind, Map<String, ComponentDeclaration>> byName =
      new EnumMap<>(ComponentKind.class);

  private final FlumeTypes flumeTypes = FlumeTypes.read();

  private Catalog(Collection<Class<? extends ComponentOptions>> recordClasses) {
    for (ComponentKind kind : ComponentKind.values()) {
      byWord.put(kind, new TreeMap<>());
      byName.put(kind, new TreeMap<>());
    }
    OWN.forEach(this::add);
    recordClasses.forEach(this::add);
    byName.values().forEach(names -> names.values().forEach(this::checkDefaults));
  }

  /** The components of every {@link ComponentCatalog} that the loader finds. */
  public static Catalog load(ClassLoader loader) {
    return of(
        ServiceLoader.load(ComponentCatalog.class, loader).stream()
            .map(ServiceLoader.Provider::get)
            .toList());
  }

  public static Catalog of(List<ComponentCatalog> catalogs) {
    return ofRecords(catalogs.stream().flatMap(catalog -> catalog.components().stream()).toList());
  }

  /** The components of these records. */
  public static Catalog ofRecords(Collection<Class<? extends ComponentOptions>> recordClasses) {
    return new Catalog(recordClasses);
  }

  /** What the word after {@code type =} means. */
  public TypeLookup find(ComponentKind kind, String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    ComponentDeclaration component = byWord.get(kind).get(lower);
    if (component == null) {
      component =
          byWord
              .get(kind)
              .get(
                  lower.endsWith(BUILDER_SUFFIX)
                      ? lower.substring(0, lower.length() - BUILDER_SUFFIX.length())
                      : lower + BUILDER_SUFFIX);
    }
    return component == null ? missing(kind, word) : found(component, word, lower);
  }

  public List<ComponentDescription> descriptions() {
    List<ComponentDescription> descriptions = new ArrayList<>();
    byName
        .values()
        .forEach(
            names -> names.values().forEach(c -> descriptions.add(ComponentDescription.of(c))));
    return descriptions;
  }

  /** What a manual says about one component, named as in a configuration. */
  public Optional<ComponentDescription> describe(ComponentKind kind, String word) {
    return find(kind, word) instanceof TypeLookup.Found found
        ? Optional.of(ComponentDescription.of(found.component()))
        : Optional.empty();
  }

  /** The type names of a kind, sorted. */
  public List<String> names(ComponentKind kind) {
    return byName.get(kind).values().stream()
        .map(ComponentDeclaration::name)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private static TypeLookup found(ComponentDeclaration component, String word, String lower) {
    Optional<String> remark =
        component.flumeClasses().stream()
            .filter(name -> name.toLowerCase(Locale.ROOT).equals(lower) && !name.equals(word))
            .findFirst()
            .map(name -> "is not in the case of the class, " + name + ", which it was taken for");
    return new TypeLookup.Found(component, remark);
  }

  private TypeLookup missing(ComponentKind kind, String word) {
    Optional<FlumeTypes.FlumeType> flumeType = flumeTypes.find(kind, word);
    String quoted = "'" + word + "'";
    String typeOf = " is a type of " + kind.label();
    if (flumeType.isPresent()) {
      String whyNot = flumeType.get().whyNot();
      return new TypeLookup.Missing(
          whyNot.isEmpty()
              ? quoted
                  + typeOf
                  + " known to Apache Flume; not provided by this version of Millrace (planned)"
              : quoted + typeOf + " of Apache Flume that Millrace does not provide: " + whyNot,
          flumeType.get().instead());
    }
    Optional<String> nearest = NearestName.of(word, words(kind));
    String question = nearest.map(name -> "Did you mean " + name + "? ").orElse("");
    if (word.indexOf('.') >= 0) {
      return new TypeLookup.Missing(
          quoted
              + " is a class that this version does not know; plug-ins written against Apache"
              + " Flume's API are not loaded by this version",
          question + typesThereAre(kind));
    }
    return new TypeLookup.Missing(
        quoted + " is no type of " + kind.label(), question + typesThereAre(kind));
  }

  private Collection<String> words(ComponentKind kind) {
    List<String> words = new ArrayList<>(names(kind));
    byName.get(kind).values().forEach(component -> words.addAll(component.flumeClasses()));
    return words;
  }

  private String typesThereAre(ComponentKind kind) {
    List<String> names = names(kind);
    return names.isEmpty()
        ? "There are no types of " + kind.label() + " in this installation."
        : "Types of " + kind.label() + ": " + String.join(", ", names) + ".";
  }

  private void add(Class<? extends ComponentOptions> recordClass) {
    ComponentDeclaration component;
    try {
      component = ComponentDeclaration.of(recordClass);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("Component cannot be declared: " + e.getMessage(), e);
    }
    if (!optionsType(component.kind()).isAssignableFrom(recordClass)) {
      throw new IllegalStateException(
          recordClass.getName()
              + " is declared as "
              + component.kind()
              + " (expected: implements "
              + optionsType(component.kind()).getSimpleName()
              + ")");
    }
    addWord(component, component.name());
    component.flumeClasses().forEach(name -> addWord(component, name));
    byName.get(component.kind()).put(component.name().toLowerCase(Locale.ROOT), component);
  }

  private void addWord(ComponentDeclaration component, String word) {
    ComponentDeclaration other =
        byWord.get(component.kind()).put(word.toLowerCase(Locale.ROOT), component);
    if (other != null) {
      throw new IllegalStateException(
          "The "
              + component.kind().label()
              + " type '"
              + word
              + "' is declared by both "
              + other.recordClass().getName()
              + " and "
              + component.recordClass().getName());
    }
  }

  private static Class<? extends ComponentOptions> optionsType(ComponentKind kind) {
    return switch (kind) {
      case SOURCE -> SourceOptions.class;
      case CHANNEL -> ChannelOptions.class;
      case SINK -> SinkOptions.class;
      case INTERCEPTOR -> InterceptorOptions.class;
      case SELECTOR -> SelectorOptions.class;
      case SERIALIZER -> SerializerOptions.class;
      case DESERIALIZER -> DeserializerOptions.class;
      case HTTP_HANDLER -> HttpHandlerOptions.class;
      case PATH_MANAGER -> PathManagerOptions.class;
      case SINK_PROCESSOR -> SinkProcessor.class;
      case JMS_CONVERTER -> JmsConverterOptions.class;
    };
  }

  private void checkDefaults(ComponentDeclaration component) {
    for (OptionDeclaration option : component.options().options()) {
      option
          .defaultText()
          .flatMap(text -> DefaultCheck.complaint(this, option, text))
          .ifPresent(
              complaint -> {
                throw new IllegalStateException(
                    component.recordClass().getName()
                        + ": the default of '"
                        + option.name()
                        + "' "
                        + complaint);
              });
    }
  }
}
