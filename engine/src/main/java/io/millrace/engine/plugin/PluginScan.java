/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Looks through plug-in directories: which plug-ins there are, and what their indexes say. Loads no
 * class. Confined to one thread.
 */
final class PluginScan {
  static final String OWN = "lib";
  static final String EXTENSIONS = "libext";
  static final String NATIVE = "native";

  /** In a jar of {@code lib}: a line for each component, see docs/plugins.md. */
  static final String INDEX = "META-INF/millrace/components.tsv";

  static final String SERVICE = "META-INF/services/io.millrace.api.ComponentCatalog";

  /** A larger index is surely something else. */
  private static final int MAX_INDEX_BYTES = 1 << 20;

  /** What the jars say of themselves. */
  record Found(PluginDirectory directory, List<IndexEntry> index, boolean hasCatalog) {
    Found {
      index = List.copyOf(index);
    }
  }

  private static final class Parts {
    private final List<Path> directories = new ArrayList<>();
    private final List<Path> libJars = new ArrayList<>();
    private final List<Path> extensionJars = new ArrayList<>();
    private final List<Path> natives = new ArrayList<>();
  }

  private final List<PluginRemark> remarks;

  PluginScan(List<PluginRemark> remarks) {
    this.remarks = remarks;
  }

  /** Every plug-in, in the order of {@code path} and then of names. */
  List<Found> scan(List<Path> path) {
    Map<String, Parts> plugins = new LinkedHashMap<>();
    for (Path parent : path) {
      for (Path directory : list(parent, Files::isDirectory)) {
        add(directory, plugins);
      }
    }
    List<Found> found = new ArrayList<>();
    plugins.forEach(
        (name, files) ->
            found.add(
                read(
                    new PluginDirectory(
                        name,
                        files.directories,
                        files.libJars,
                        files.extensionJars,
                        files.natives))));
    return found;
  }

  private void add(Path directory, Map<String, Parts> plugins) {
    Path own = directory.resolve(OWN);
    Path extensions = directory.resolve(EXTENSIONS);
    Path natives = directory.resolve(NATIVE);
    if (!Files.isDirectory(own) && !Files.isDirectory(extensions) && !Files.isDirectory(natives)) {
      return;
    }
    Parts files = plugins.computeIfAbsent(directory.getFileName().toString(), name -> new Parts());
    files.directories.add(directory);
    files.libJars.addAll(list(own, PluginScan::isJar));
    files.extensionJars.addAll(list(extensions, PluginScan::isJar));
    if (Files.isDirectory(natives)) {
      files.natives.add(natives);
    }
  }

  private static boolean isJar(Path file) {
    return file.getFileName().toString().endsWith(".jar") && Files.isRegularFile(file);
  }

  /** Sorted, so that the same files give the same class path everywhere. */
  private List<Path> list(Path directory, Predicate<Path> wanted) {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
        stream.forEach(entries::add);
      } catch (IOException | java.nio.file.DirectoryIteratorException e) {
        remarks.add(new PluginRemark(directory, "cannot be read, and is left out: " + e));
      }
    }
    entries.removeIf(wanted.negate());
    Collections.sort(entries);
    return entries;
  }

  private Found read(PluginDirectory directory) {
    List<IndexEntry> index = new ArrayList<>();
    boolean hasCatalog = false;
    for (Path jar : directory.libJars()) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        hasCatalog |= zip.getEntry(SERVICE) != null;
        ZipEntry entry = zip.getEntry(INDEX);
        if (entry != null) {
          try (InputStream stream = zip.getInputStream(entry)) {
            readIndex(jar, stream.readNBytes(MAX_INDEX_BYTES), index);
          }
        }
      } catch (IOException e) {
        remarks.add(
            new PluginRemark(
                jar, "is damaged: " + e.getMessage() + ". What it has is not known here"));
      }
    }
    return new Found(directory, index, hasCatalog);
  }

  private void readIndex(Path jar, byte[] bytes, List<IndexEntry> index) {
    List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      try {
        index.add(IndexEntry.of(line));
      } catch (IllegalArgumentException e) {
        remarks.add(
            new PluginRemark(jar, INDEX + " line " + (i + 1) + " is left out: " + e.getMessage()));
      }
    }
  }
}
