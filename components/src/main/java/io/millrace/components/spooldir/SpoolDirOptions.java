/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.EventDeserializer;
import io.millrace.api.EventDeserializer.DecodeErrorPolicy;
import io.millrace.api.Option;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.components.deserializer.LineDeserializerOptions;
import io.millrace.kit.regex.BoundedPattern;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Options of the spooling directory source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "spooldir",
    flumeClasses = "org.apache.flume.source.SpoolDirectorySource",
    summary =
        "Reads the files of a directory, each once, plain or compressed (gzip, zstd), and marks or"
            + " deletes those that are delivered.")
public record SpoolDirOptions(
    @Option(doc = "The directory; must exist.", required = true) Path spoolDir,
    @Option(doc = "Appended to the names of finished files.", def = ".COMPLETED") String fileSuffix,
    @Option(doc = "When finished files are deleted.", def = "never") DeletePolicy deletePolicy,
    @Option(doc = "Adds a header with the absolute path of the file.", def = "false")
        boolean fileHeader,
    @Option(doc = "Name of that header.", def = "file") String fileHeaderKey,
    @Option(doc = "Adds a header with the name of the file.", def = "false") boolean basenameHeader,
    @Option(doc = "Name of that header.", def = "basename") String basenameHeaderKey,
    @Option(doc = "Regular expression that the whole name of a file must match.", def = "^.*$")
        String includePattern,
    @Option(
            doc =
                "Regular expression of names that are left alone, those of sub-directories"
                    + " included; wins over includePattern.",
            def = "^$")
        String ignorePattern,
    @Option(
            doc =
                "Directory for positions and marks; a relative one is in spoolDir. Each source needs"
                    + " its own.",
            def = ".flumespool")
        Path trackerDir,
    @Option(
            doc = "How finished files are marked: by their name, or by a file in trackerDir.",
            def = "rename")
        TrackingPolicy trackingPolicy,
    @Option(doc = "Which file is next: by the time of its last change, or any.", def = "oldest")
        ConsumeOrder consumeOrder,
    @Option(
            doc = "Pause between looks at the directory.",
            def = "500",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration pollDelay,
    @Option(
            doc =
                "Reads sub-directories too, except those whose names begin with a dot; links to"
                    + " directories are not followed.",
            def = "false")
        boolean recursiveDirectorySearch,
    @Option(
            doc = "Longest pause between tries when a channel refuses; the first is 250 ms.",
            def = "4000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration maxBackoff,
    @Option(doc = "Most events in a batch.", def = "100", min = 1) int batchSize,
    @Option(doc = "Character set of text.", def = "UTF-8") Charset inputCharset,
    @Option(
            doc =
                "What is done with bytes that are no characters: the file is set aside, they are"
                    + " replaced by U+FFFD, or left out.",
            def = "FAIL")
        DecodeErrorPolicy decodeErrorPolicy,
    @Option(doc = "What cuts files into events.", def = "LINE") DeserializerOptions deserializer,
    @Option(
            doc = "Once the length of a buffer.",
            noEffect = "one buffer of a file is held, whatever its lines")
        Optional<Integer> bufferMaxLines,
    @Option(doc = "Old name of deserializer.maxLineLength, for LINE.", min = 1, max = 16_000_000)
        Optional<Integer> bufferMaxLineLength,
    @Option(
            doc =
                "A file is read when nobody has written to it for this long; 0 for at once, when"
                    + " files are only ever moved into the directory.",
            def = "1000",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration settleTime)
    implements SourceOptions {
  /** When finished files are deleted. */
  public enum DeletePolicy {
    NEVER,
    IMMEDIATE
  }

  /** How finished files are marked. */
  public enum TrackingPolicy {
    RENAME,
    TRACKER_DIR
  }

  /** Which file is next. */
  public enum ConsumeOrder {
    OLDEST,
    YOUNGEST,
    RANDOM
  }

  public SpoolDirOptions {
    BoundedPattern.compile("includePattern", includePattern);
    BoundedPattern.compile("ignorePattern", ignorePattern);
    if (fileSuffix.isEmpty() || fileSuffix.contains("/")) {
      throw new ConfigurationException(
          "fileSuffix", "'" + fileSuffix + "' (expected: the end of a file name)");
    }
    if (fileHeader && fileHeaderKey.isBlank()) {
      throw new ConfigurationException("fileHeaderKey", "is blank (expected: a header name)");
    }
    if (basenameHeader && basenameHeaderKey.isBlank()) {
      throw new ConfigurationException("basenameHeaderKey", "is blank (expected: a header name)");
    }
    if (!inputCharset.canEncode()) {
      throw new ConfigurationException(
          "inputCharset", inputCharset + " (expected: a character set that can be written, too)");
    }
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> reasons = new LinkedHashMap<>();
    if (deletePolicy == DeletePolicy.IMMEDIATE) {
      reasons.put("trackingPolicy", "finished files are deleted (deletePolicy = immediate)");
    }
    if (!(deserializer instanceof LineDeserializerOptions)) {
      reasons.put("bufferMaxLineLength", "the deserializer is not LINE");
    }
    return reasons;
  }

  @Override
  public Source build(SourceContext context) {
    return new SpoolDirSource(this, context);
  }

  /** Where positions and marks are kept. */
  Path trackerPath() {
    return spoolPath().resolve(trackerDir).normalize();
  }

  Path spoolPath() {
    return spoolDir.toAbsolutePath().normalize();
  }

  /** Whether marks are names in the directory itself, so that it must be writable. */
  boolean writesSpoolDir() {
    return deletePolicy == DeletePolicy.IMMEDIATE || trackingPolicy == TrackingPolicy.RENAME;
  }

  EventDeserializer.Factory deserializers() {
    if (deserializer instanceof LineDeserializerOptions line && bufferMaxLineLength.isPresent()) {
      return line.withMaxLineLength(bufferMaxLineLength.get()).build();
    }
    return deserializer.build();
  }
}
