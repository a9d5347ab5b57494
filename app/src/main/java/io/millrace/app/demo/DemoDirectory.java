/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import io.millrace.app.CommandFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The demo's own directory: configurations, generated logs, state of the agents, store. It is
 * marked and locked by a file, so that nothing is ever deleted in a directory of somebody else's
 * and no two demos share one. Confined to one thread.
 */
final class DemoDirectory implements AutoCloseable {
  static final String MARKER = ".millrace-demo";

  private static final List<String> OWN_DIRECTORIES =
      List.of("conf", "logs", "state", "store", "output");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{env:(\\w+):-[^}]*}");

  private final Path root;
  private final FileChannel marker;
  private final boolean isReused;

  private DemoDirectory(Path root, FileChannel marker, boolean isReused) {
    this.root = root;
    this.marker = marker;
    this.isReused = isReused;
  }

  /**
   * Takes the directory for one run. What an earlier demo left in it is deleted.
   *
   * @throws CommandFailedException when it belongs to somebody else, or cannot be written
   */
  static DemoDirectory take(Path root) {
    try {
      boolean isReused = Files.exists(root.resolve(MARKER));
      if (!isReused && !isEmptyOrAbsent(root)) {
        throw new CommandFailedException(
            2,
            root
                + " is not empty and was not made by a demo; nothing in it was touched. Give another"
                + " directory with --dir.");
      }
      Files.createDirectories(root);
      FileChannel marker =
          FileChannel.open(
              root.resolve(MARKER), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      DemoDirectory directory = new DemoDirectory(root, marker, isReused);
      directory.lock();
      directory.clear();
      return directory;
    } catch (IOException e) {
      throw new CommandFailedException(
          1, "The demo cannot use " + root + ": " + e + ". Give another with --dir.", e);
    }
  }

  private static boolean isEmptyOrAbsent(Path root) throws IOException {
    if (!Files.exists(root)) {
      return true;
    }
    if (!Files.isDirectory(root)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries.findAny().isEmpty();
    }
  }

  private void lock() throws IOException {
    FileLock lock = null;
    try {
      lock = marker.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by this very process; answered as any other holder.
    }
    if (lock == null) {
      marker.close();
      throw new CommandFailedException(
          1, "Another demo is running in " + root + ". Give another directory with --dir.");
    }
  }

  private void clear() throws IOException {
    for (String name : OWN_DIRECTORIES) {
      delete(root.resolve(name));
      Files.createDirectories(root.resolve(name));
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  Path root() {
    return root;
  }

  /** Whether an earlier demo's files were deleted. */
  boolean isReused() {
    return isReused;
  }

  Path store() {
    return root.resolve("store");
  }

  Path logs(String host) {
    return root.resolve("logs").resolve(host);
  }

  /** Where a process's log goes. */
  Path output(String process) {
    return root.resolve("output").resolve(process + ".log");
  }

  /** Where a process keeps what it must find again. */
  Path stateOf(String process) {
    return root.resolve("state").resolve(process);
  }

  /**
   * Writes the collector's configuration.
   *
   * @param store a directory or an address, as the kind of store wants it
   */
  Path writeCollector(int port, StoreKind kind, String store) throws IOException {
    return write(
        "collector",
        template(kind.template()),
        Map.of(
            "DEMO_PORT", String.valueOf(port),
            "DEMO_STATE", state("collector"),
            "DEMO_STORE", store));
  }

  Path writeEdge(String name, List<FollowedFiles> followed, int port) throws IOException {
    return write(
        name,
        withFileGroups(template("edge.conf"), followed),
        Map.of("DEMO_PORT", String.valueOf(port), "DEMO_STATE", state(name)));
  }

  private String state(String process) {
    return stateOf(process).toString();
  }

  private Path write(String name, String template, Map<String, String> values) throws IOException {
    Matcher matcher = PLACEHOLDER.matcher(template);
    String text =
        matcher.replaceAll(match -> Matcher.quoteReplacement(escaped(values.get(match.group(1)))));
    return Files.writeString(
        root.resolve("conf").resolve(name + ".conf"), text, StandardCharsets.ISO_8859_1);
  }

  /** Replaces the template's file group by those of this edge. */
  private static String withFileGroups(String template, List<FollowedFiles> followed) {
    String prefix = "edge.sources.tail.filegroups";
    List<String> groups = new ArrayList<>();
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < followed.size(); i++) {
      String name = followed.size() == 1 ? "logs" : "logs" + (i + 1);
      names.append(' ').append(name);
      groups.add(prefix + "." + name + " = " + escaped(followed.get(i).fileGroup()));
    }
    groups.add(0, prefix + " =" + names);
    List<String> lines = new ArrayList<>();
    for (String line : template.lines().toList()) {
      if (!line.startsWith(prefix)) {
        lines.add(line);
      } else if (!groups.isEmpty()) {
        lines.addAll(groups);
        groups.clear();
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** A value as a properties file writes it. */
  static String escaped(String value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        text.append("\\\\");
      } else if (c < 0x20 || c > 0x7e) {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static String template(String name) {
    try (InputStream in = DemoDirectory.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files stay; only the lock goes. */
  @Override
  public void close() throws IOException {
    marker.close();
  }
}
