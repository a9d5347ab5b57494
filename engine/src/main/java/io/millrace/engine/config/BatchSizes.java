/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Binder;
import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.declaration.OptionDeclaration;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.ChannelDefinition;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares batches with what channels take and give at once. Stateless. */
final class BatchSizes {
  private BatchSizes() {}

  /** The batch that a sink of this channel gets: the smaller of both, with a warning if need be. */
  static int ofSink(
      Binder.Bound sink,
      int wanted,
      Section section,
      ChannelDefinition channel,
      List<Problem> problems) {
    int capacity = channel.options().transactionCapacity();
    if (wanted <= capacity) {
      return wanted;
    }
    problems.add(
        section.problem(
            Severity.WARNING,
            batchKey(sink, section).orElse(""),
            "batches of "
                + wanted
                + " are larger than the "
                + capacity
                + " events that channel '"
                + channel.name()
                + "' gives out at once; batches of "
                + capacity
                + " are used",
            "Raise the channel's transactionCapacity or lower the batch size."));
    return capacity;
  }

  /** Warns when a source makes larger batches than one of its channels takes. */
  static void compareSource(
      Binder.Bound source,
      Section section,
      List<ChannelDefinition> channels,
      List<Problem> problems) {
    Optional<String> key = batchKey(source, section);
    Optional<Integer> wanted = key.flatMap(k -> batchSize(source, section, k));
    if (wanted.isEmpty()) {
      return;
    }
    for (ChannelDefinition channel : channels) {
      int capacity = channel.options().transactionCapacity();
      if (wanted.get() > capacity) {
        problems.add(
            section.problem(
                Severity.WARNING,
                key.get(),
                "batches of "
                    + wanted.get()
                    + " are larger than the "
                    + capacity
                    + " events that channel '"
                    + channel.name()
                    + "' takes at once",
                "Raise the channel's transactionCapacity or lower the batch size."));
      }
    }
  }

  /** The key of the option for the number of events in a batch, as the file has it. */
  private static Optional<String> batchKey(Binder.Bound component, Section section) {
    return component.component().options().options().stream()
        .filter(option -> isBatchSize(option.name()))
        .findFirst()
        .map(
            option ->
                Stream.concat(Stream.of(option.name()), option.aliases().stream())
                    .filter(name -> section.find(name).isPresent())
                    .findFirst()
                    .orElse(option.name()));
  }

  private static Optional<Integer> batchSize(Binder.Bound source, Section section, String key) {
    Optional<String> text =
        section
            .find(key)
            .map(Setting::value)
            .or(
                () ->
                    source.component().options().options().stream()
                        .filter(option -> option.name().equals(key))
                        .findFirst()
                        .flatMap(OptionDeclaration::defaultText));
    try {
      return text.map(Integer::valueOf);
    } catch (NumberFormatException notReadAsNumber) {
      return Optional.empty();
    }
  }

  /** {@code batchSize}, {@code batch-size}, {@code hdfs.batchSize}, {@code flumeBatchSize}. */
  private static boolean isBatchSize(String name) {
    return name.replace("-", "").toLowerCase(Locale.ROOT).endsWith("batchsize");
  }
}
