/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The files of a plug-in, in Flume's layout: its own jars in {@code lib}, what they need in {@code
 * libext}, libraries of the system in {@code native}. Directories of one name below several plug-in
 * directories are one plug-in, so that what a user adds to a connector may stand apart from the
 * installation. Immutable.
 *
 * @param directories one at least
 * @param libJars its own jars
 * @param extensionJars what they need
 */
public record PluginDirectory(
    String name,
    List<Path> directories,
    List<Path> libJars,
    List<Path> extensionJars,
    List<Path> nativeDirectories) {
  public PluginDirectory {
    directories = List.copyOf(directories);
    libJars = List.copyOf(libJars);
    extensionJars = List.copyOf(extensionJars);
    nativeDirectories = List.copyOf(nativeDirectories);
  }

  /** All jars, in the order in which classes are looked for. */
  public List<Path> jars() {
    List<Path> jars = new ArrayList<>(libJars);
    jars.addAll(extensionJars);
    return jars;
  }

  /** Where a user puts what is missing. */
  Path extensions() {
    return directories.get(0).resolve(PluginScan.EXTENSIONS);
  }

  /** As messages name it. */
  @Override
  public String toString() {
    return "plug-in "
        + name
        + " ("
        + directories.stream().map(Path::toString).collect(Collectors.joining(", "))
        + ")";
  }
}
