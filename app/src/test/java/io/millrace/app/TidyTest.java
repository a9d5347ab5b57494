/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How the sources read. Each finding is a file, and a line where there is one. */
class TidyTest {
  private static final Path ROOT = Path.of("..");
  private static final int MAX_LINES = 450;

  /** Files that are longer, and why that is better than two files. */
  private static final Map<String, String> ARGUED_LONG_FILES =
      Map.of(
          "journal/src/main/java/io/millrace/journal/Lane.java",
          "the whole turn of the one thread that owns a lane",
          "journal/src/test/java/io/millrace/journal/sim/SimDisk.java",
          "one disk, whose faults share its state",
          "components/src/test/java/io/millrace/components/testing/ChannelContract.java",
          "the one suite that every channel passes, read as a list of promises");

  private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME)\\b");
  private static final Pattern PRINTING =
      Pattern.compile("System\\.(out|err)\\.print|printStackTrace\\(");

  /** Modules whose business it is to print. */
  private static final Set<String> COMMANDS = Set.of("app", "bench", "servers");

  private static final Set<String> SKIPPED_DIRECTORIES = Set.of("target", ".git", "demo", "dist");

  @Test
  void noFileIsTooLongToRead() throws IOException {
    List<String> findings = new ArrayList<>();
    for (Path file : javaFiles()) {
      int lines = Files.readAllLines(file).size();
      String name = ROOT.relativize(file).toString();
      if (lines > MAX_LINES && !ARGUED_LONG_FILES.containsKey(name)) {
        findings.add(name + ": " + lines + " lines (expected: at most " + MAX_LINES + ")");
      }
    }
    assertThat(findings).isEmpty();
  }

  @Test
  void nothingIsLeftUnfinished() throws IOException {
    assertThat(findings(javaFiles(), UNFINISHED)).isEmpty();
  }

  @Test
  void librariesDoNotPrint() throws IOException {
    List<Path> libraryFiles =
        javaFiles().stream()
            .filter(file -> file.toString().contains("/src/main/"))
            .filter(file -> !COMMANDS.contains(ROOT.relativize(file).getName(0).toString()))
            .toList();

    assertThat(libraryFiles).isNotEmpty();
    assertThat(findings(libraryFiles, PRINTING)).isEmpty();
  }

  private static List<String> findings(List<Path> files, Pattern pattern) throws IOException {
    List<String> findings = new ArrayList<>();
    for (Path file : files) {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        if (pattern.matcher(lines.get(i)).find()) {
          findings.add(ROOT.relativize(file) + ":" + (i + 1) + ": " + lines.get(i).trim());
        }
      }
    }
    return findings;
  }

  private static List<Path> javaFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            // Below src a package may have any name.
            boolean isSkipped =
                SKIPPED_DIRECTORIES.contains(directory.getFileName().toString())
                    && !directory.toString().contains("/src/");
            return isSkipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
