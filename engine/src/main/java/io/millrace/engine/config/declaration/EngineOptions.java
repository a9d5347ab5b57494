/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.ComponentKind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The keys that the engine reads of every component of a kind. Stateless. */
public final class EngineOptions {
  private static final OptionDescription TYPE =
      option("type", "text", true, "Type name of the component, or a class name of Apache Flume.");

  private static final List<OptionDescription> SOURCE =
      List.of(
          TYPE,
          option("channels", "list of names, separated by blanks", true, "Channels to write to."),
          option(
              "interceptors",
              "list of names, separated by blanks",
              false,
              "Interceptors in their order; the options of each stand below interceptors.NAME."),
          option(
              "selector.type",
              "type of selector",
              false,
              "What chooses among the channels; its options stand below selector."));

  private static final List<OptionDescription> SINK =
      List.of(TYPE, option("channel", "name", true, "The channel to read from."));

  private EngineOptions() {}

  public static List<OptionDescription> of(ComponentKind kind) {
    return switch (kind) {
      case SOURCE -> SOURCE;
      case SINK -> SINK;
      case CHANNEL, INTERCEPTOR, SELECTOR, SINK_PROCESSOR -> List.of(TYPE);
      // The key that names these is an option of the component around them.
      case SERIALIZER, DESERIALIZER, HTTP_HANDLER, PATH_MANAGER, JMS_CONVERTER -> List.of();
    };
  }

  /** Their names, for suggestions. */
  public static List<String> names(ComponentKind kind) {
    return of(kind).stream().map(OptionDescription::name).toList();
  }

  private static OptionDescription option(
      String name, String type, boolean isRequired, String doc) {
    boolean isSelector = name.equals("selector.type");
    return new OptionDescription(
        name,
        List.of(),
        type,
        isSelector ? Optional.of("replicating") : Optional.empty(),
        isRequired,
        "",
        OptionalLong.empty(),
        OptionalLong.empty(),
        List.of(),
        false,
        "",
        doc);
  }
}
