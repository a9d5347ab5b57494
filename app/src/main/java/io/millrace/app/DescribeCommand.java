/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.api.ComponentKind;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.declaration.ComponentDescription;
import io.millrace.engine.config.declaration.OptionDescription;
import io.millrace.engine.config.declaration.TypeLookup;
import io.millrace.engine.config.problem.NearestName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace describe}. */
@Command(
    name = "describe",
    description = "Shows the components there are, or the options of one, from their declarations.",
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace describe                      every component, one line each",
      "  millrace describe taildir              the options of one",
      "  millrace describe avro --kind sink     where a name is of two kinds"
    })
final class DescribeCommand implements Callable<Integer> {
  private static final int COLUMNS = 100;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TYPE",
      arity = "0..1",
      description = "As after 'type =' in a configuration: a short name, or a class of Flume.")
  private String type;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description =
          "One of: source, channel, sink, interceptor, selector, serializer, path_manager,"
              + " sink_processor.")
  private ComponentKind kind;

  @Option(names = "--markdown", description = "The whole reference as a page of the manual.")
  private boolean isMarkdown;

  @Override
  public Integer call() {
    InstalledComponents components = InstalledComponents.find();
    Catalog catalog = components.catalog();
    PrintWriter err = spec.commandLine().getErr();
    components.remarks().forEach(remark -> err.println("millrace: " + remark));
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    if (isMarkdown) {
      out.print(ManualPage.of(catalog.descriptions()));
      out.flush();
      return 0;
    }
    if (type == null) {
      list(catalog, out);
      return 0;
    }
    List<ComponentDescription> found =
        kinds().stream()
            .map(each -> catalog.describe(each, type))
            .flatMap(Optional::stream)
            .toList();
    if (found.isEmpty()) {
      err.println("millrace: " + unknown(catalog));
      return 2;
    }
    found.forEach(component -> describe(component, out));
    return 0;
  }

  private List<ComponentKind> kinds() {
    return kind == null ? Arrays.asList(ComponentKind.values()) : List.of(kind);
  }

  private String unknown(Catalog catalog) {
    for (ComponentKind each : kinds()) {
      // Where a connector or Flume has it, there is more to say.
      if (catalog.find(each, type) instanceof TypeLookup.Missing missing
          && missing.message().contains(" is a type of ")) {
        return missing.message() + ". " + missing.remedy();
      }
    }
    List<String> names = new ArrayList<>();
    kinds().forEach(each -> names.addAll(catalog.names(each)));
    String question = NearestName.question(type, names);
    return "There is no component '"
        + type
        + "'"
        + (kind == null ? "" : " of kind " + kind.label())
        + ". "
        + (question.isEmpty() ? "'millrace describe' lists them all." : question);
  }

  private void list(Catalog catalog, PrintWriter out) {
    for (ComponentKind each : kinds()) {
      List<ComponentDescription> components =
          catalog.descriptions().stream().filter(one -> one.kind() == each).toList();
      if (components.isEmpty()) {
        continue;
      }
      out.println(Character.toUpperCase(each.label().charAt(0)) + each.label().substring(1) + "s");
      TextTable table = table(22);
      components.forEach(
          one ->
              table.addRowValues(
                  one.name(),
                  one.summary()
                      + one.plugin().map(plugin -> " (plug-in " + plugin + ")").orElse("")));
      out.println(table);
    }
  }

  private void describe(ComponentDescription component, PrintWriter out) {
    out.println(component.name() + " (" + component.kind().label() + "): " + component.summary());
    component.plugin().ifPresent(plugin -> out.println("In the plug-in: " + plugin));
    if (!component.flumeClasses().isEmpty()) {
      out.println("In Flume: " + String.join(", ", component.flumeClasses()));
    }
    TextTable table = table(34);
    component.options().forEach(option -> table.addRowValues(option.name(), explanation(option)));
    out.println(component.options().isEmpty() ? "It has no options." : table.toString());
  }

  private static String explanation(OptionDescription option) {
    List<String> facts = new ArrayList<>();
    if (option.isRequired()) {
      facts.add("required");
    }
    facts.add(option.type() + (option.unit().isEmpty() ? "" : " (" + option.unit() + ")"));
    option
        .defaultValue()
        .ifPresent(value -> facts.add("default " + (value.isEmpty() ? "empty" : value)));
    option.min().ifPresent(min -> facts.add("at least " + min));
    option.max().ifPresent(max -> facts.add("at most " + max));
    if (!option.allowed().isEmpty()) {
      facts.add("one of " + String.join(", ", option.allowed()));
    }
    if (!option.aliases().isEmpty()) {
      facts.add("also written " + String.join(", ", option.aliases()));
    }
    String effect = option.noEffect().isEmpty() ? "" : "\nHas no effect: " + option.noEffect();
    return option.doc() + "\n" + String.join("; ", facts) + effect;
  }

  private static TextTable table(int nameColumns) {
    TextTable table =
        TextTable.forColumns(
            new ColorScheme.Builder(Ansi.OFF).build(),
            new Column(nameColumns, 2, Overflow.SPAN),
            new Column(COLUMNS - nameColumns, 1, Overflow.WRAP));
    return table;
  }
}
