/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import io.millrace.api.ConfigurationException;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.declaration.ComponentDeclaration;
import io.millrace.engine.config.declaration.EngineOptions;
import io.millrace.engine.config.declaration.OptionDeclaration;
import io.millrace.engine.config.declaration.OptionsRecord;
import io.millrace.engine.config.declaration.RecordMember;
import io.millrace.engine.config.declaration.TypeLookup;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.plugin.ContextLoader;
import io.millrace.engine.plugin.PluginClassLoader;
import io.millrace.engine.plugin.PluginFault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes records of options from settings and says everything that is wrong with them, not only the
 * first. Confined to one check.
 */
public final class Binder {
  private final Catalog catalog;
  private final Path home;
  private final List<Problem> problems;

  /** Adds what it finds to {@code problems}; {@code home} is what {@code ~} means. */
  public Binder(Catalog catalog, Path home, List<Problem> problems) {
    this.catalog = catalog;
    this.home = home;
    this.problems = problems;
  }

  /** A component and its options. */
  public record Bound(ComponentDeclaration component, ComponentOptions options) {
    /** The type name, whichever word the file used for it. */
    public String type() {
      return component.name();
    }
  }

  /**
   * Binds the component whose {@code type} stands in the section. Keys that the engine reads itself
   * have been taken from the section before.
   */
  public Optional<Bound> bind(ComponentKind kind, Section section) {
    Optional<Setting> type = section.take("type");
    if (type.isEmpty()) {
      problems.add(
          section.error(
              "type",
              "is missing, so that the " + kind.label() + " cannot be used",
              typeQuestion(section)));
      section.takeAll();
      return Optional.empty();
    }
    return bind(kind, type.get(), section);
  }

  /** Binds the component that {@code type} names, with the options of the section. */
  public Optional<Bound> bind(ComponentKind kind, Setting type, Section section) {
    TypeLookup lookup = catalog.find(kind, type.value());
    if (lookup instanceof TypeLookup.Missing missing) {
      problems.add(type.error(missing.message(), missing.remedy()));
      section.takeAll();
      return Optional.empty();
    }
    TypeLookup.Found found = (TypeLookup.Found) lookup;
    found.remark().ifPresent(remark -> problems.add(type.warning(type.shown() + " " + remark, "")));
    return bind(found.component(), section);
  }

  /** Binds this component with the options of the section. */
  public Optional<Bound> bind(ComponentDeclaration component, Section section) {
    List<OptionDeclaration> options = component.options().options();
    OptionReader reader = new OptionReader(this, section, options, home, problems);
    Optional<Object> made = make(component, reader, section);
    boolean isProtected = describeUnread(section, component.kind(), options);
    return made.filter(record -> isProtected)
        .map(record -> new Bound(component, (ComponentOptions) record));
  }

  private Optional<Object> make(
      ComponentDeclaration component, OptionReader reader, Section section) {
    try (ContextLoader ignored = ContextLoader.of(component.recordClass())) {
      return make(component.options(), reader, section);
    } catch (LinkageError e) {
      Optional<PluginFault> fault =
          PluginClassLoader.of(component.recordClass())
              .map(loader -> PluginFault.of(loader.plugin(), e));
      problems.add(
          section.error(
              "",
              fault.map(PluginFault::message).orElse("the component cannot be loaded: " + e),
              fault.map(PluginFault::remedy).orElse("")));
      return Optional.empty();
    }
  }

  private Optional<Object> make(OptionsRecord record, OptionReader reader, Section section) {
    List<Object> values = new ArrayList<>();
    boolean isComplete = true;
    for (RecordMember member : record.members()) {
      Optional<Object> value;
      if (member instanceof OptionsRecord group) {
        value = make(group, reader, section);
      } else {
        value = reader.read((OptionDeclaration) member);
      }
      isComplete &= value.isPresent();
      values.add(value.orElse(null));
    }
    if (!isComplete) {
      return Optional.empty();
    }
    try {
      Object made = record.make(values);
      if (made instanceof ComponentOptions options) {
        describeIneffective(options, reader, section);
        options
            .advice()
            .forEach(line -> problems.add(section.problem(Severity.WARNING, "", line, "")));
      }
      return Optional.of(made);
    } catch (ConfigurationException e) {
      problems.add(section.error(reader.keyUsedFor(e.option()), message(e), ""));
    } catch (IllegalArgumentException e) {
      problems.add(section.error("", message(e), ""));
    } catch (RuntimeException e) {
      // A slip of the component must not keep the other problems from being said.
      problems.add(section.error("", "the component refuses these options with " + e, ""));
    }
    return Optional.empty();
  }

  /** Says which settings have no effect beside the others. */
  private void describeIneffective(ComponentOptions options, OptionReader reader, Section section) {
    options
        .ineffective()
        .forEach(
            (name, reason) ->
                section
                    .find(reader.keyUsedFor(name))
                    .ifPresent(
                        setting -> problems.add(setting.warning("has no effect: " + reason, ""))));
  }

  private static String message(RuntimeException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Says what nobody has read; false when the component must not run without it. */
  private boolean describeUnread(
      Section section, ComponentKind kind, List<OptionDeclaration> options) {
    List<String> known = new ArrayList<>();
    options.forEach(option -> known.add(option.name()));
    known.addAll(EngineOptions.names(kind));
    boolean isProtected = true;
    for (String key : section.unreadKeys()) {
      Setting setting = section.take(key).orElseThrow();
      if (Protection.isAskedFor(key, setting)) {
        isProtected = false;
        problems.add(
            setting.error(
                "this version of the "
                    + kind.label()
                    + " does not provide this protection and does not run without it",
                "Remove the key to run unprotected."));
        continue;
      }
      problems.add(
          setting.warning(
              "is not an option here and is ignored", unknownRemedy(key, known, options)));
    }
    return isProtected;
  }

  private static String unknownRemedy(
      String key, List<String> known, List<OptionDeclaration> options) {
    int dot = key.indexOf('.');
    String head = key.substring(0, Math.max(dot, 0));
    String tail = key.substring(Math.max(dot, 0));
    for (OptionDeclaration option : options) {
      // producer.acks where kafka.producer.* is a family
      if (dot > 0 && option.isFamily() && option.prefix().endsWith("." + head + ".")) {
        return "Did you mean " + option.prefix() + tail.substring(1) + "?";
      }
    }
    Optional<String> nearest = NearestName.of(key, known);
    if (nearest.isEmpty() && dot > 0) {
      nearest = NearestName.of(head, heads(known)).map(name -> name + tail);
    }
    return nearest.map(name -> "Did you mean " + name + "?").orElse("");
  }

  /** The first parts of keys that may have more. */
  private static Set<String> heads(List<String> known) {
    return known.stream()
        .map(key -> key.indexOf('.') < 0 ? key : key.substring(0, key.indexOf('.')))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static String typeQuestion(Section section) {
    Set<String> keys = section.keys();
    return NearestName.of("type", keys)
        .map(key -> "Did you mean type where " + key + " stands?")
        .orElse("");
  }
}
