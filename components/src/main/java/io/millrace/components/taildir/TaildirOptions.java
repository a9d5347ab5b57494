/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.kit.text.MultilineOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Options of the taildir source. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "taildir",
    flumeClasses = "org.apache.flume.source.taildir.TaildirSource",
    summary =
        "Follows growing files through rotation, line by line, and remembers how far they were"
            + " delivered.")
public record TaildirOptions(
    @Option(doc = "Names of the file groups.", required = true) List<String> filegroups,
    @Option(
            name = "filegroups.*",
            doc =
                "filegroups.GROUP: directory and a regular expression for the file name."
                    + " A directory that is not there yet is awaited. /var/log/**/.*\\.log follows"
                    + " the sub-directories, too. Files that end in .gz or .zst are read"
                    + " decompressed, unless what they hold was read before.",
            required = true)
        Map<String, String> groupPatterns,
    @Option(
            doc =
                "File that remembers how far each file was delivered, in Flume's form; each source"
                    + " needs its own.",
            def = "~/.flume/taildir_position.json")
        Path positionFile,
    @Option(
            name = "headers.*",
            doc = "headers.GROUP.KEY: header that every event of the group gets.")
        Map<String, String> headers,
    @Option(doc = "Adds the header byteoffset: where the line begins in its file.", def = "false")
        boolean byteOffsetHeader,
    @Option(
            doc = "Begins at the end of files that are there at start and have no position.",
            def = "false")
        boolean skipToEnd,
    @Option(
            doc =
                "Closes files that did not change for this long, and delivers a last line that has"
                    + " no line feed; what is appended to that line later is an event of its own.",
            def = "120000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration idleTimeout,
    @Option(
            doc = "How often positions are saved.",
            def = "3000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration writePosInterval,
    @Option(doc = "Most events in a batch.", def = "100", min = 1) int batchSize,
    @Option(
            doc = "Most batches taken from one file before the next file has its turn.",
            def = "9223372036854775807",
            min = 1,
            fallsBack = true)
        long maxBatchCount,
    @Option(
            doc =
                "Lists a directory again only when it changed; turn off where a file system does"
                    + " not keep the modification time of directories.",
            def = "true")
        boolean cachePatternMatching,
    @Option(doc = "Adds a header with the path of the file.", def = "false") boolean fileHeader,
    @Option(doc = "Name of that header.", def = "file") String fileHeaderKey,
    @Option(
            doc =
                "The pause between looks at closed files grows by this while they don't change;"
                    + " open files are looked at every 250 ms or more often.",
            def = "1000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration backoffSleepIncrement,
    @Option(
            doc = "Longest such pause, and between tries when a channel refuses.",
            def = "5000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration maxBackoffSleep,
    @Option(
            doc = "Longest line; what exceeds it is cut off and counted.",
            def = "1MiB",
            min = 1,
            max = 1L << 30,
            bareUnit = BareUnit.BYTES)
        DataSize maxLineLength,
    @Option(
            doc = "Most files held open; the others are opened when it is their turn.",
            def = "1000",
            min = 1)
        int maxOpenFiles,
    @OptionGroup MultilineOptions multiline)
    implements SourceOptions {

  public TaildirOptions {
    filegroups = List.copyOf(new LinkedHashSet<>(filegroups));
    groupPatterns = Map.copyOf(groupPatterns);
    headers = Map.copyOf(headers);
    groups(filegroups, groupPatterns, headers);
    if (filegroups.isEmpty()) {
      throw new ConfigurationException("filegroups", "names no group (expected: one or more)");
    }
    if (fileHeader && fileHeaderKey.isBlank()) {
      throw new ConfigurationException("fileHeaderKey", "is blank (expected: a header name)");
    }
  }

  @Override
  public Source build(SourceContext context) {
    return new TaildirSource(this, context);
  }

  /** The groups in their order. */
  List<FileGroup> groups() {
    return groups(filegroups, groupPatterns, headers);
  }

  private static List<FileGroup> groups(
      List<String> names, Map<String, String> patterns, Map<String, String> headers) {
    List<FileGroup> groups = new ArrayList<>();
    for (String name : names) {
      String pattern = patterns.get(name);
      if (pattern == null) {
        throw new ConfigurationException(
            "filegroups." + name,
            "is missing (expected: a directory and a regular expression, because"
                + " filegroups names '"
                + name
                + "')");
      }
      groups.add(FileGroup.parse(name, pattern.trim(), headersOf(name, headers)));
    }
    return groups;
  }

  private static Map<String, String> headersOf(String group, Map<String, String> headers) {
    Map<String, String> own = new LinkedHashMap<>();
    headers.forEach(
        (key, value) -> {
          if (key.startsWith(group + ".")) {
            own.put(key.substring(group.length() + 1), value);
          }
        });
    return own;
  }
}
