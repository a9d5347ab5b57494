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
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SingleSink;
import io.millrace.engine.model.SinkProcessor;
import io.millrace.engine.plugin.IndexEntry;
import io.millrace.engine.plugin.Plugin;
import io.millrace.engine.plugin.PluginClassLoader;
import io.millrace.engine.plugin.PluginFault;
import io.millrace.engine.plugin.PluginUnusableException;
import io.millrace.engine.plugin.Plugins;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All components of this installation, by kind and type name. Declarations are read once, here; one
 * of the agent's own that cannot be is a mistake of its programmer and ends in an {@link
 * IllegalStateException}. A plug-in is loaded, and its declarations are read, when a type is asked
 * for that its index names, or that nobody else knows. Guarded by {@code this}.
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
  private final Plugins plugins;

  /** Plug-ins whose declarations are among these. */
  private final Set<Plugin> read = new HashSet<>();

  private Catalog(Collection<Class<? extends ComponentOptions>> recordClasses, Plugins plugins) {
    this.plugins = plugins;
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
    return load(loader, Plugins.none());
  }

  /** As {@link #load(ClassLoader)}, and those of the plug-ins. */
  public static Catalog load(ClassLoader loader, Plugins plugins) {
    List<Class<? extends ComponentOptions>> records = new ArrayList<>();
    ServiceLoader.load(ComponentCatalog.class, loader)
        .forEach(catalog -> records.addAll(catalog.components()));
    return new Catalog(records, plugins);
  }

  public static Catalog of(List<ComponentCatalog> catalogs) {
    return ofRecords(catalogs.stream().flatMap(catalog -> catalog.components().stream()).toList());
  }

  /** The components of these records. */
  public static Catalog ofRecords(Collection<Class<? extends ComponentOptions>> recordClasses) {
    return new Catalog(recordClasses, Plugins.none());
  }

  /** What the word after {@code type =} means. */
  public synchronized TypeLookup find(ComponentKind kind, String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    String variant =
        lower.endsWith(BUILDER_SUFFIX)
            ? lower.substring(0, lower.length() - BUILDER_SUFFIX.length())
            : lower + BUILDER_SUFFIX;
    Optional<ComponentDeclaration> component = declared(kind, lower, variant);
    Optional<Plugin> plugin =
        component.isPresent()
            ? Optional.empty()
            : plugins.find(kind, lower).or(() -> plugins.find(kind, variant));
    if (plugin.isPresent()) {
      try {
        read(plugin.get());
      } catch (PluginUnusableException e) {
        return MissingType.inUnusablePlugin(kind, word, e);
      }
      component = declared(kind, lower, variant);
      if (component.isEmpty()) {
        return MissingType.onlyInIndex(kind, word, plugin.get().directory());
      }
    }
    List<PluginUnusableException> unusable = new ArrayList<>();
    for (Plugin unindexed : plugins.all()) {
      if (component.isEmpty() && unindexed.isUnindexed()) {
        try {
          read(unindexed);
        } catch (PluginUnusableException e) {
          unusable.add(e);
        }
        component = declared(kind, lower, variant);
      }
    }
    return component
        .map(known -> found(known, word, lower))
        .orElseGet(
            () ->
                new MissingType(kind, word, flumeTypes, plugins, names(kind), words(kind))
                    .lookup(unusable));
  }

  private Optional<ComponentDeclaration> declared(
      ComponentKind kind, String lower, String variant) {
    Map<String, ComponentDeclaration> words = byWord.get(kind);
    return Optional.ofNullable(words.get(lower)).or(() -> Optional.ofNullable(words.get(variant)));
  }

  /** Every component there is, those of plug-ins that nobody has named included. */
  public synchronized List<ComponentDescription> descriptions() {
    for (Plugin plugin : plugins.all()) {
      try {
        if (!plugin.index().isEmpty() || plugin.isUnindexed()) {
          read(plugin);
        }
      } catch (PluginUnusableException e) {
        log().warn("Components are left out: {}. {}", e.getMessage(), e.remedy());
      }
    }
    List<ComponentDescription> descriptions = new ArrayList<>();
    byName.values().forEach(names -> names.values().forEach(c -> descriptions.add(describe(c))));
    return descriptions;
  }

  /** What a manual says about one component, named as in a configuration. */
  public Optional<ComponentDescription> describe(ComponentKind kind, String word) {
    return find(kind, word) instanceof TypeLookup.Found found
        ? Optional.of(describe(found.component()))
        : Optional.empty();
  }

  private ComponentDescription describe(ComponentDeclaration component) {
    return ComponentDescription.of(
        component,
        PluginClassLoader.of(component.recordClass())
            .map(loader -> loader.plugin().name())
            .or(() -> flumeTypes.connector(component.kind(), component.flumeClasses())));
  }

  /** The type names of a kind, sorted. */
  public synchronized List<String> names(ComponentKind kind) {
    Set<String> names = new TreeSet<>();
    byName.get(kind).values().forEach(component -> names.add(component.name()));
    for (Plugin plugin : plugins.all()) {
      plugin.index().stream()
          .filter(entry -> entry.kind() == kind)
          .map(IndexEntry::name)
          .filter(name -> !byName.get(kind).containsKey(name.toLowerCase(Locale.ROOT)))
          .forEach(names::add);
    }
    return List.copyOf(names);
  }

  private static TypeLookup found(ComponentDeclaration component, String word, String lower) {
    Optional<String> remark =
        component.flumeClasses().stream()
            .filter(name -> name.toLowerCase(Locale.ROOT).equals(lower) && !name.equals(word))
            .findFirst()
            .map(name -> "is not in the case of the class, " + name + ", which it was taken for");
    return new TypeLookup.Found(component, remark);
  }

  private Collection<String> words(ComponentKind kind) {
    List<String> words = new ArrayList<>(names(kind));
    byName.get(kind).values().forEach(component -> words.addAll(component.flumeClasses()));
    for (Plugin plugin : plugins.all()) {
      plugin.index().stream()
          .filter(entry -> entry.kind() == kind)
          .forEach(entry -> words.addAll(entry.aliases()));
    }
    return words;
  }

  /** Adds the components of a plug-in, the first time. */
  private void read(Plugin plugin) throws PluginUnusableException {
    if (read.contains(plugin)) {
      return;
    }
    List<ComponentDeclaration> declared = new ArrayList<>();
    for (Class<? extends ComponentOptions> recordClass : plugin.records()) {
      try {
        declared.add(declare(recordClass));
      } catch (LinkageError e) {
        PluginFault fault = PluginFault.of(plugin.directory(), e);
        throw new PluginUnusableException(fault.message(), fault.remedy(), e);
      } catch (IllegalStateException e) {
        throw new PluginUnusableException(
            "the " + plugin.directory() + " declares what cannot be: " + e.getMessage(), "", e);
      }
    }
    read.add(plugin);
    for (ComponentDeclaration component : declared) {
      if (!plugin.index().isEmpty() && !plugin.has(component.kind(), component.name())) {
        log()
            .warn(
                "The {} has the {} '{}', which its index does not name: it is found only once"
                    + " another one of its components is named",
                plugin.directory(),
                component.kind().label(),
                component.name());
      }
      addIfFree(component, plugin);
    }
    for (ComponentDeclaration component : declared) {
      checkDefaults(component, plugin);
    }
  }

  /** The first to have a name keeps it: the agent's own before plug-ins, these in their order. */
  private void addIfFree(ComponentDeclaration component, Plugin plugin) {
    Map<String, ComponentDeclaration> words = byWord.get(component.kind());
    Optional<Plugin> owner = plugins.find(component.kind(), component.name());
    ComponentDeclaration taken = words.get(component.name().toLowerCase(Locale.ROOT));
    if (taken != null || owner.filter(other -> other != plugin).isPresent()) {
      log()
          .warn(
              "The {} '{}' of the {} is not used: {} has one of that name, too",
              component.kind().label(),
              component.name(),
              plugin.directory(),
              taken == null
                  ? "the " + owner.orElseThrow().directory()
                  : PluginClassLoader.of(taken.recordClass())
                      .map(loader -> "the " + loader.plugin())
                      .orElse("the agent itself"));
      return;
    }
    words.put(component.name().toLowerCase(Locale.ROOT), component);
    component
        .flumeClasses()
        .forEach(name -> words.putIfAbsent(name.toLowerCase(Locale.ROOT), component));
    byName.get(component.kind()).put(component.name().toLowerCase(Locale.ROOT), component);
  }

  private void add(Class<? extends ComponentOptions> recordClass) {
    ComponentDeclaration component = declare(recordClass);
    addWord(component, component.name());
    component.flumeClasses().forEach(name -> addWord(component, name));
    byName.get(component.kind()).put(component.name().toLowerCase(Locale.ROOT), component);
  }

  private static ComponentDeclaration declare(Class<? extends ComponentOptions> recordClass) {
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
    return component;
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
      case HTTP_HANDLER -> HttpHandlerOptions.class;
      case DESERIALIZER -> DeserializerOptions.class;
      case PATH_MANAGER -> PathManagerOptions.class;
      case SINK_PROCESSOR -> SinkProcessor.class;
      case JMS_CONVERTER -> JmsConverterOptions.class;
    };
  }

  /** As for those of the agent, but a mistake is the plug-in's: its component may do without. */
  private void checkDefaults(ComponentDeclaration component, Plugin plugin) {
    try {
      checkDefaults(component);
    } catch (IllegalStateException e) {
      log().warn("The {} declares what cannot be: {}", plugin.directory(), e.getMessage());
    }
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

  /** Only when there is something to say: commands that look and end start without logging. */
  private static Logger log() {
    return LoggerFactory.getLogger(Catalog.class);
  }
}
