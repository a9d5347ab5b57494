/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.SerializerOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.kit.path.HostNames;
import io.millrace.kit.path.NameHygiene;
import io.millrace.kit.path.PathTemplate;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Options of the sink of Hadoop's file systems. Immutable. */
@Component(
    kind = ComponentKind.SINK,
    name = "hdfs",
    flumeClasses = "org.apache.flume.sink.hdfs.HDFSEventSink",
    summary = "Writes events to files on HDFS, or on any other file system that Hadoop knows.")
public record HdfsSinkOptions(
    @Option(
            name = "hdfs.path",
            doc = "Directory of the files, with escapes such as %Y/%m/%d and %{header}.",
            required = true)
        String path,
    @Option(
            name = "hdfs.filePrefix",
            doc = "With what names of files begin; with escapes.",
            def = "FlumeData")
        String filePrefix,
    @Option(
            name = "hdfs.fileSuffix",
            doc = "With what names of files end, such as .log; without it that of the codec.",
            def = "")
        String fileSuffix,
    @Option(
            name = "hdfs.inUsePrefix",
            doc = "With what names of files begin while they are written.",
            def = "")
        String inUsePrefix,
    @Option(
            name = "hdfs.inUseSuffix",
            doc = "With what names of files end while they are written, behind the sink's mark.",
            def = ".tmp")
        String inUseSuffix,
    @Option(
            name = "hdfs.emptyInUseSuffix",
            doc = "Whether files that are written have no suffix at all, nor the sink's mark.",
            def = "false")
        boolean isInUseSuffixEmpty,
    @Option(name = "hdfs.batchSize", doc = "Most events taken at once.", def = "100", min = 1)
        int batchSize,
    @Option(
            name = "hdfs.fileType",
            doc = "SequenceFile, DataStream or CompressedStream.",
            def = "SequenceFile")
        FileType fileType,
    @Option(
            name = "hdfs.codeC",
            doc = "How it is compressed: gzip, bzip2, snappy, lz4, zstd, deflate, or a class.")
        Optional<String> codec,
    @Option(
            name = "hdfs.writeFormat",
            doc = "Values in a SequenceFile: Writable (bytes) or Text.",
            def = "Writable")
        String writeFormat,
    @Option(
            name = "writeFormat.*",
            doc = "Options of a format of one's own.",
            noEffect = "formats of one's own for SequenceFiles are not provided")
        Map<String, String> formatOptions,
    @Option(
            name = "hdfs.maxOpenFiles",
            doc = "Files open at once; the one not written to for longest is closed first.",
            def = "5000",
            min = 1)
        int maxOpenFiles,
    @Option(
            name = "hdfs.closeTries",
            doc =
                "How often closing and renaming a file is tried before that is left to the next"
                    + " start; 0 or less: until it is done.",
            def = "2147483647",
            bareUnit = BareUnit.NONE)
        int closeTries,
    @Option(
            name = "hdfs.retryInterval",
            doc =
                "Longest pause before closing or renaming is tried again; the first ones are"
                    + " shorter. 0 or less: tried once.",
            def = "180",
            bareUnit = BareUnit.SECONDS)
        Duration retryInterval,
    @Option(doc = "How events are written into a DataStream or CompressedStream.", def = "TEXT")
        SerializerOptions serializer,
    @OptionGroup RollOptions roll,
    @OptionGroup TimeOptions time,
    @OptionGroup StoreOptions store,
    @Option(
            name = "millrace.release",
            doc =
                "When events leave the channel: sync (they are written and synced) or close (their"
                    + " file is closed and renamed; with a file channel each event is then in one"
                    + " file once, whatever dies).",
            def = "sync")
        Release release,
    @Option(
            name = "millrace.sync",
            doc =
                "What a sync is: hsync (on the disks of the data nodes), hflush (in their memory,"
                    + " as Flume has it), or none (left to Hadoop's client).",
            def = "hsync")
        Sync sync,
    @Option(
            name = "millrace.id",
            doc =
                "The sink's mark in names of files that are written, by which it knows its own"
                    + " after a crash: letters and digits, - and _. Without it, made of the names"
                    + " of host, agent and sink.")
        Optional<String> id,
    @Option(
            name = "millrace.stateDirectory",
            doc =
                "Directory on the same file system for what the sink must find after a crash."
                    + " Without it .millrace in the part of the path before the first escape.")
        Optional<String> stateDirectory,
    @Option(
            name = "millrace.maxBytesInFlight",
            doc =
                "Bytes of events that are not released yet; with release = close, what may be"
                    + " in open files before they are closed early.",
            def = "64MiB",
            bareUnit = BareUnit.BYTES,
            min = 1 << 20)
        DataSize maxBytesInFlight,
    @Option(
            name = "millrace.maxPendingCloses",
            doc = "Files waiting to be closed or renamed before no new ones are begun.",
            def = "1000",
            min = 1)
        int maxPendingCloses)
    implements SinkOptions {
  /** What a file is. */
  public enum FileType {
    SEQUENCEFILE,
    DATASTREAM,
    COMPRESSEDSTREAM
  }

  /** When events leave the channel. */
  public enum Release {
    SYNC,
    CLOSE
  }

  /** What a sync is. */
  public enum Sync {
    HSYNC,
    HFLUSH,
    NONE
  }

  public HdfsSinkOptions {
    formatOptions = Map.copyOf(formatOptions);
    if (fileType == FileType.COMPRESSEDSTREAM && codec.isEmpty()) {
      throw new ConfigurationException(
          "hdfs.codeC", "a CompressedStream needs a codec; set hdfs.codeC, such as gzip");
    }
    if (fileType == FileType.DATASTREAM && codec.isPresent()) {
      throw new ConfigurationException(
          "hdfs.codeC",
          "a DataStream is not compressed; remove hdfs.codeC, or set hdfs.fileType ="
              + " CompressedStream");
    }
    if (!writeFormat.equals("Writable") && !writeFormat.equals("Text")) {
      throw new ConfigurationException(
          "hdfs.writeFormat",
          "writeFormat: " + writeFormat + " (expected: Writable or Text, in this case)");
    }
    if (id.isPresent() && !id.get().matches("[A-Za-z0-9_-]{1,40}")) {
      throw new ConfigurationException(
          "millrace.id", "id: " + id.get() + " (expected: 1 to 40 letters, digits, - or _)");
    }
    if (release == Release.CLOSE && isInUseSuffixEmpty) {
      throw new ConfigurationException(
          "hdfs.emptyInUseSuffix",
          "millrace.release = close needs names for files that are written; remove"
              + " hdfs.emptyInUseSuffix");
    }
    for (String name : new String[] {fileSuffix, inUseSuffix, inUsePrefix}) {
      if (name.contains("/")) {
        throw new ConfigurationException("name '" + name + "' (expected: no slash)");
      }
    }
    checkRoot(path);
  }

  /** A header must not choose the server. */
  private static void checkRoot(String path) {
    int scheme = path.indexOf("://");
    if (scheme >= 0) {
      int end = path.indexOf('/', scheme + 3);
      int escape = path.indexOf("%{");
      if (escape >= 0 && (end < 0 || escape < end)) {
        throw new ConfigurationException(
            "hdfs.path", "path: " + path + " (expected: no header before the first directory)");
      }
    }
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> names = new TreeMap<>();
    if (fileType == FileType.SEQUENCEFILE) {
      names.put("serializer", "a SequenceFile has no serializer; see hdfs.writeFormat");
    } else {
      names.put("hdfs.writeFormat", "only a SequenceFile has a write format; see serializer");
    }
    if (isInUseSuffixEmpty) {
      names.put("hdfs.inUseSuffix", "hdfs.emptyInUseSuffix is true");
    }
    if (!time.isRounded()) {
      names.put("hdfs.roundValue", "hdfs.round is false");
      names.put("hdfs.roundUnit", "hdfs.round is false");
    }
    return names;
  }

  PathTemplate pathTemplate() {
    return template("hdfs.path", path, NameHygiene.PATH);
  }

  PathTemplate prefixTemplate() {
    return template("hdfs.filePrefix", filePrefix, NameHygiene.FILE_NAME);
  }

  private PathTemplate template(String option, String text, NameHygiene hygiene) {
    try {
      return PathTemplate.compile(text, time.rules(), hygiene, HostNames.ofThisHost());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(option, e.getMessage());
    }
  }

  boolean isReleasedOnClose() {
    return release == Release.CLOSE;
  }

  @Override
  public Sink build(SinkContext context) {
    return new HdfsSink(context, this);
  }
}
