/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.api.ConfigurationException;
import io.millrace.app.CommandFailedException;
import io.millrace.app.InstalledComponents;
import io.millrace.components.filechannel.FileChannelOptions;
import io.millrace.components.filechannel.StorageOptions;
import io.millrace.components.filechannel.codec.Codecs;
import io.millrace.components.filechannel.codec.CompressionKind;
import io.millrace.components.filechannel.codec.EncryptionOptions;
import io.millrace.components.spillablememory.SpillableMemoryOptions;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.Configuration;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.ProblemReport;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.codec.PayloadCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which channel: by its directories, or as a configuration has it. Filled by the command line. */
final class ChannelTarget {
  /** Where a takeover keeps the files of Apache Flume until they are delivered. */
  private static final String FLUME_FILES = "flume-files";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..*",
      description = "Directories of the channel: data directories, and the checkpoint directory.")
  private List<Path> directories = new ArrayList<>();

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description =
          "The checkpoint directory, if it has lost what it is recognized by. May be given twice:"
              + " the second one is the backup.")
  private List<Path> checkpoints = new ArrayList<>();

  @Option(
      names = {"-f", "--conf-file"},
      paramLabel = "FILE",
      description =
          "Configuration file to take directories and keys from. May be given several times.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      description = "The agent in it. Not needed if there is only one.")
  private String agent;

  @Option(
      names = "--channel",
      paramLabel = "NAME",
      description = "The file channel of that agent. Not needed if there is only one.")
  private String channel;

  /** Finds the channel, or says what keeps it from being found. */
  ChannelFiles resolve() {
    boolean isByDirectory = !directories.isEmpty() || !checkpoints.isEmpty();
    if (isByDirectory == !files.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Which channel? Name its directories, or a configuration with --conf-file"
              + (isByDirectory ? ", not both" : ""));
    }
    return isByDirectory ? ofDirectories() : ofConfiguration();
  }

  private ChannelFiles ofDirectories() {
    List<Path> data = new ArrayList<>();
    List<Path> checkpointDirectories = new ArrayList<>(checkpoints);
    for (Path directory : directories) {
      switch (DirectoryKind.of(directory)) {
        case DATA -> data.add(directory);
        case CHECKPOINT -> checkpointDirectories.add(directory);
        case FLUME -> throw flume(List.of(directory));
        case OTHER -> throw new CommandFailedException(2, DirectoryKind.notOne(directory));
      }
    }
    if (data.isEmpty()) {
      throw new CommandFailedException(
          2,
          checkpointDirectories.get(0)
              + " is the checkpoint directory of a channel, which holds no events. Name its data"
              + " directories too.");
    }
    List<String> remarks = new ArrayList<>();
    if (checkpointDirectories.isEmpty()) {
      remarks.add(
          "The checkpoint directory was not named: what only a checkpoint knows (events missing at"
              + " the very end, directories missing) is not found.");
    }
    String title = "in " + data.stream().map(Path::toString).collect(Collectors.joining(", "));
    return new ChannelFiles(
        title,
        checkpointDirectories,
        data,
        withoutKeys(),
        Optional.empty(),
        OptionalInt.empty(),
        remarks);
  }

  private static PayloadCodec withoutKeys() {
    return Codecs.of(CompressionKind.NONE, EncryptionOptions.none(), alias -> Optional.empty());
  }

  private ChannelFiles ofConfiguration() {
    Catalog catalog = InstalledComponents.find().catalog();
    Configuration configuration =
        new ConfigurationLoader(catalog, Environment.ofProcess()).load(files);
    String agentName = agentName(configuration);
    // Lenient: a broken sink is no reason not to look at a channel.
    AgentResult result = configuration.agent(agentName, Strictness.LENIENT);
    List<ChannelDefinition> candidates = new ArrayList<>();
    result.agent().ifPresent(found -> candidates.addAll(found.channels()));
    candidates.removeIf(each -> storage(each).isEmpty());
    List<String> names = candidates.stream().map(ChannelDefinition::name).toList();
    candidates.removeIf(each -> channel != null && !each.name().equals(channel));
    if (candidates.size() != 1) {
      throw new CommandFailedException(2, whichChannel(agentName, names, result));
    }
    return of(agentName, candidates.get(0));
  }

  private String agentName(Configuration configuration) {
    Set<String> names = configuration.agentNames();
    if (agent != null) {
      return agent;
    }
    if (names.size() == 1) {
      return names.iterator().next();
    }
    throw new CommandFailedException(
        2,
        names.isEmpty()
            ? "No agent in "
                + fileNames()
                + ":\n"
                + problems(configuration.problems(Strictness.LENIENT))
            : "Which agent? Say --name: " + String.join(", ", names));
  }

  private String whichChannel(String agentName, List<String> names, AgentResult result) {
    if (channel == null && names.size() > 1) {
      return "Which channel of agent " + agentName + "? Say --channel: " + String.join(", ", names);
    }
    String what = channel == null ? "file channel" : "file channel " + channel;
    String text =
        "Agent " + agentName + " has no " + what + " in " + fileNames() + " that can be used";
    text += names.isEmpty() ? "." : " (there is: " + String.join(", ", names) + ").";
    return result.problems().isEmpty() ? text : text + "\n" + problems(result.problems());
  }

  private static String problems(List<io.millrace.engine.config.problem.Problem> problems) {
    return new ProblemReport(problems).plain().stripTrailing();
  }

  private String fileNames() {
    return files.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  /** What a channel keeps on disk; empty if it keeps nothing there. */
  private static Optional<StorageOptions> storage(ChannelDefinition definition) {
    if (definition.options() instanceof FileChannelOptions file) {
      return Optional.of(file.storage());
    }
    return definition.options() instanceof SpillableMemoryOptions spillable
        ? Optional.of(spillable.storage())
        : Optional.empty();
  }

  private static ChannelFiles of(String agentName, ChannelDefinition definition) {
    StorageOptions options = storage(definition).orElseThrow();
    List<Path> flume =
        options.dataDirs().stream()
            .filter(directory -> DirectoryKind.of(directory) == DirectoryKind.FLUME)
            .toList();
    if (!flume.isEmpty()) {
      throw flume(flume);
    }
    List<Path> checkpointDirectories = new ArrayList<>(List.of(options.checkpointDir()));
    if (options.useDualCheckpoints()) {
      options.backupCheckpointDir().ifPresent(checkpointDirectories::add);
    }
    List<String> remarks = new ArrayList<>();
    options.dataDirs().stream()
        .map(directory -> directory.resolve(FLUME_FILES))
        .filter(Files::isDirectory)
        .forEach(
            folder ->
                remarks.add(
                    folder
                        + " holds events that Apache Flume left. The agent delivers them first; they"
                        + " are not counted here."));
    Optional<JournalOptions> journal = Optional.empty();
    try {
      journal = Optional.of(options.journal());
    } catch (ConfigurationException e) {
      remarks.add("The keys can't be had, so that nothing sealed is opened: " + e.getMessage());
    }
    return new ChannelFiles(
        definition.name() + " of agent " + agentName,
        checkpointDirectories,
        options.dataDirs(),
        journal.map(JournalOptions::codec).orElseGet(ChannelTarget::withoutKeys),
        journal,
        OptionalInt.of(options.copies()),
        remarks);
  }

  private static CommandFailedException flume(List<Path> found) {
    return new CommandFailedException(
        2,
        found.stream().map(Path::toString).collect(Collectors.joining(", "))
            + ": a file channel of Apache Flume. A Millrace agent pointed at it takes it over;"
            + " these commands read what Millrace wrote.");
  }
}
