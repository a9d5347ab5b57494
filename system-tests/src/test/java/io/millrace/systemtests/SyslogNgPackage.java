/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The programs of Debian's package syslog-ng-core. It excludes rsyslog's, so that they are looked
 * for in a directory where it was unpacked, {@code -Dsystem.tests.syslog-ng=DIR}, and otherwise
 * where it is installed. Immutable.
 */
final class SyslogNgPackage {
  static final Path SYSLOG_NG = Path.of("usr/sbin/syslog-ng");
  static final Path LOGGEN = Path.of("usr/bin/loggen");

  private final Path root;

  SyslogNgPackage() {
    String unpacked = System.getProperty("system.tests.syslog-ng", "");
    root = Path.of(unpacked.isEmpty() ? "/" : unpacked);
  }

  /** The test is left out, and says so, where the package is not. */
  void assumeHas(Path program) {
    if (!Files.isExecutable(root.resolve(program))) {
      String words =
          "no %s here (-Dsystem.tests.syslog-ng=DIR: where syslog-ng-core is unpacked)"
              .formatted(program.getFileName());
      Scene.say("LEFT OUT: " + words);
      abort(words);
    }
  }

  String path(Path program) {
    return root.resolve(program).toString();
  }

  /** Such as 3.38. */
  String version() {
    return modules().getFileName().toString();
  }

  /** Where the modules of syslog-ng are. */
  Path modules() {
    return onlyDirectory(root.resolve("usr/lib/syslog-ng"), "[0-9.]+");
  }

  /** What its programs need to find their libraries and modules. */
  Map<String, String> environment() {
    String libraries =
        Stream.of("usr/lib", "lib")
            .map(root::resolve)
            .filter(Files::isDirectory)
            .flatMap(at -> directories(at, ".*-linux-gnu.*").stream())
            .map(Path::toString)
            .collect(Collectors.joining(":", root.resolve("usr/lib/syslog-ng") + ":", ""));
    return Map.of("LD_LIBRARY_PATH", libraries, "SYSLOGNG_PREFIX", root.resolve("usr").toString());
  }

  private static Path onlyDirectory(Path parent, String name) {
    List<Path> found = directories(parent, name);
    if (found.size() != 1) {
      throw new IllegalStateException(
          parent + " has " + found + " (expected: one directory like " + name + ")");
    }
    return found.get(0);
  }

  private static List<Path> directories(Path parent, String name) {
    try (Stream<Path> all = Files.list(parent)) {
      return all.filter(Files::isDirectory)
          .filter(each -> each.getFileName().toString().matches(name))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + parent, e);
    }
  }
}
