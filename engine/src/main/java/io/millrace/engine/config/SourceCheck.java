/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.SelectorOptions;
import io.millrace.api.SourceOptions;
import io.millrace.engine.config.binding.Binder;
import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SourceDefinition;
import io.millrace.engine.plugin.ContextLoader;
import io.millrace.engine.plugin.PluginClassLoader;
import io.millrace.engine.plugin.PluginFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks the sources of an agent, with their interceptors and selectors. Confined to one check. */
final class SourceCheck {
  private static final String DEFAULT_SELECTOR = "replicating";

  private final Binder binder;
  private final Channels channels;
  private final List<Problem> problems;

  SourceCheck(Binder binder, Channels channels, List<Problem> problems) {
    this.binder = binder;
    this.channels = channels;
    this.problems = problems;
  }

  /** The source; empty when it cannot be used, which is then said. */
  Optional<SourceDefinition> check(String name, Section section) {
    List<String> named = namedChannels(section);
    Optional<List<InterceptorDefinition>> interceptors = interceptors(section);
    Optional<SelectorOptions> selector = selector(section, named);
    Optional<Binder.Bound> bound = binder.bind(ComponentKind.SOURCE, section);
    List<ChannelDefinition> usable =
        named.stream().flatMap(channel -> channels.find(channel).stream()).toList();
    bound.ifPresent(b -> BatchSizes.compareSource(b, section, usable, problems));
    if (bound.isEmpty() || interceptors.isEmpty() || selector.isEmpty() || usable.isEmpty()) {
      return Optional.empty();
    }
    List<String> usableNames = usable.stream().map(ChannelDefinition::name).toList();
    if (usableNames.size() < named.size() && !accepts(selector.get(), usableNames, section)) {
      return Optional.empty();
    }
    return Optional.of(
        new SourceDefinition(
            name,
            bound.get().type(),
            (SourceOptions) bound.get().options(),
            interceptors.get(),
            selector.get(),
            usableNames));
  }

  private List<String> namedChannels(Section section) {
    Optional<Setting> setting = section.take("channels");
    if (setting.isEmpty()) {
      problems.add(
          section.error(
              "channels", "is required and not set", "A source needs a channel at least."));
      return List.of();
    }
    List<String> named = NameList.read(setting.get(), problems);
    named.forEach(channel -> channels.resolve(channel, setting.get()));
    return named;
  }

  private Optional<List<InterceptorDefinition>> interceptors(Section source) {
    Section block = source.below("interceptors");
    Optional<Setting> list = source.take("interceptors");
    List<String> listed = list.map(l -> NameList.read(l, problems)).orElse(List.of());
    List<InterceptorDefinition> interceptors = new ArrayList<>();
    for (String name : listed) {
      Section section = block.below(name);
      if (section.isEmpty()) {
        problems.add(
            list.orElseThrow()
                .error(
                    "'" + name + "' is listed but not configured",
                    NearestName.question(name, unlisted(block, listed))));
        continue;
      }
      binder
          .bind(ComponentKind.INTERCEPTOR, section)
          .map(b -> new InterceptorDefinition(name, b.type(), (InterceptorOptions) b.options()))
          .ifPresent(interceptors::add);
    }
    for (String name : unlisted(block, listed)) {
      Section section = block.below(name);
      section.takeAll();
      problems.add(
          section.problem(
              Severity.WARNING,
              "",
              "is configured but not listed in "
                  + source.fullKey("interceptors")
                  + ", and does not run",
              ""));
    }
    return interceptors.size() == listed.size() ? Optional.of(interceptors) : Optional.empty();
  }

  private static List<String> unlisted(Section block, List<String> listed) {
    return block.innerNames().stream().filter(name -> !listed.contains(name)).toList();
  }

  private Optional<SelectorOptions> selector(Section source, List<String> named) {
    Section section = source.below("selector");
    Setting type =
        section
            .take("type")
            .orElseGet(() -> Setting.of(section.fullKey("type"), DEFAULT_SELECTOR, source.place()));
    Optional<SelectorOptions> selector =
        binder
            .bind(ComponentKind.SELECTOR, type, section)
            .map(bound -> (SelectorOptions) bound.options());
    if (selector.isEmpty() || named.isEmpty() || accepts(selector.get(), named, source)) {
      return selector;
    }
    return Optional.empty();
  }

  /** Whether the selector can be built for these channels; when it cannot, says so. */
  private boolean accepts(SelectorOptions selector, List<String> named, Section source) {
    try (ContextLoader ignored = ContextLoader.of(selector.getClass())) {
      selector.build(named);
      return true;
    } catch (LinkageError e) {
      String message =
          PluginClassLoader.of(selector)
              .map(loader -> PluginFault.of(loader.plugin(), e).toString())
              .orElseGet(() -> "the selector cannot be loaded: " + e);
      problems.add(source.below("selector").error("", message, ""));
      return false;
    } catch (ConfigurationException e) {
      // Said at the selector, whose options the exception names.
      Section section = source.below("selector");
      problems.add(
          section.error(
              e.option(),
              e.getMessage(),
              "Channels of this source: " + String.join(" ", named) + "."));
      return false;
    }
  }
}
