/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** The sources of files that {@link EverySourceKilledTest} kills. Stateless. */
final class KilledFileSources {
  private KilledFileSources() {}

  static List<KilledSource> all() {
    return List.of(
        new FollowedFile(),
        new CompressedRotations(),
        new FollowedTree(),
        new FollowedEvents(),
        new SpooledFiles());
  }

  private static List<String> taildir(Path directory, String pattern, String... more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "type = taildir",
                "filegroups = g",
                "filegroups.g = " + pattern,
                "positionFile = " + directory.resolve("positions.json"),
                "writePosInterval = 200"));
    options.addAll(List.of(more));
    return options;
  }

  private static void append(Path file, List<String> lines) throws IOException {
    Files.write(
        file, KilledSources.bytes(lines), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static final class FollowedFile implements KilledSource {
    private Path log;

    @Override
    public String type() {
      return "taildir";
    }

    @Override
    public boolean isReadAgain() {
      return true;
    }

    @Override
    public String promise() {
      return "every line of the files is stored; what was read since positions were saved comes"
          + " twice";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      Path logs = Files.createDirectories(directory.resolve("logs"));
      log = logs.resolve("app.log");
      return List.of(
          "type = taildir",
          "filegroups = g",
          "filegroups.g = " + logs + "/.*\\\\.log",
          "positionFile = " + directory.resolve("positions.json"),
          "writePosInterval = 200");
    }

    /** A line that stands in the file is the source's. */
    @Override
    public List<String> offer(List<String> lines) throws IOException {
      Files.write(
          log, KilledSources.bytes(lines), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return lines;
    }
  }

  /** A log that is renamed and then compressed, with gzip or zstd, as logrotate does it. */
  private static final class CompressedRotations implements KilledSource {
    private static final int CALLS_A_FILE = 25;

    private Path logs;
    private int calls;
    private int rotations;

    @Override
    public String name() {
      return "taildir, compressed rotations";
    }

    @Override
    public String type() {
      return "taildir-archives";
    }

    @Override
    public boolean isReadAgain() {
      return true;
    }

    @Override
    public String promise() {
      return "every line is stored, whether it was read before its file was compressed or after;"
          + " what was read since positions were saved comes twice";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      logs = Files.createDirectories(directory.resolve("logs"));
      return taildir(directory, logs + "/app\\\\.log.*");
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      append(logs.resolve("app.log"), lines);
      if (++calls % CALLS_A_FILE == 0) {
        rotate();
      }
      return lines;
    }

    /** The file before this one is compressed: of the last one lines may come late. */
    private void rotate() throws IOException {
      rotations++;
      Path previous = rotated(rotations - 1);
      if (Files.exists(previous)) {
        boolean isZstd = rotations % 2 == 0;
        Path packed = previous.resolveSibling(previous.getFileName() + (isZstd ? ".zst" : ".gz"));
        OutputStream target = Files.newOutputStream(packed);
        try (OutputStream out =
            isZstd ? new ZstdOutputStream(target) : new GZIPOutputStream(target)) {
          Files.copy(previous, out);
        }
        Files.delete(previous);
      }
      Files.move(logs.resolve("app.log"), rotated(rotations), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path rotated(int rotation) {
      return logs.resolve("app.log." + rotation);
    }
  }

  /** Logs in directories of their own, which come all the time. */
  private static final class FollowedTree implements KilledSource {
    private static final int CALLS_A_DIRECTORY = 10;

    private Path logs;
    private int calls;

    @Override
    public String name() {
      return "taildir, directories with all below";
    }

    @Override
    public String type() {
      return "taildir-tree";
    }

    @Override
    public boolean isReadAgain() {
      return true;
    }

    @Override
    public String promise() {
      return "every line of the files in every directory is stored, also of directories that came"
          + " while it was away; what was read since positions were saved comes twice";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      logs = Files.createDirectories(directory.resolve("logs"));
      return taildir(directory, logs + "/**/.*\\\\.log");
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      Path host = logs.resolve("host-" + calls / CALLS_A_DIRECTORY);
      Path application = Files.createDirectories(host.resolve("app-" + calls % 2));
      calls++;
      append(application.resolve("app.log"), lines);
      return lines;
    }
  }

  /** Five lines an event, of which the first is told by its number. */
  private static final class FollowedEvents implements KilledSource {
    private Path log;

    @Override
    public String name() {
      return "taildir, events of several lines";
    }

    @Override
    public String type() {
      return "taildir-multiline";
    }

    @Override
    public boolean isReadAgain() {
      return true;
    }

    @Override
    public String promise() {
      return "every line of the files is stored; what was read since positions were saved"
          + " comes twice, and an event in the making is read from its beginning";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      Path logs = Files.createDirectories(directory.resolve("logs"));
      log = logs.resolve("app.log");
      return taildir(
          directory,
          logs + "/.*\\\\.log",
          "multiline.pattern = ^[a-z-]+ [0-9]*[16] [.]+$",
          "multiline.negate = true",
          "multiline.timeout = 500");
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      append(log, lines);
      return lines;
    }
  }

  private static final class SpooledFiles implements KilledSource {
    private Path spool;
    private Path aside;
    private int files;

    @Override
    public String type() {
      return "spooldir";
    }

    @Override
    public boolean isReadAgain() {
      return true;
    }

    @Override
    public String promise() {
      return "every line of the files is stored; what was read of a file since its position was"
          + " saved comes twice";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      spool = Files.createDirectories(directory.resolve("spool"));
      aside = Files.createDirectories(directory.resolve("aside"));
      return List.of("type = spooldir", "spoolDir = " + spool, "pollDelay = 50", "settleTime = 0");
    }

    /** A file that stands in the directory is the source's. */
    @Override
    public List<String> offer(List<String> lines) throws IOException {
      String name = "file-" + ++files;
      Path written = Files.write(aside.resolve(name), KilledSources.bytes(lines));
      Files.move(written, spool.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      return lines;
    }
  }
}
