/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documentation points at exists. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
  private static final Pattern NAMED_TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      for (MatchResult link : matches(LINK, page)) {
        if (!Files.exists(page.resolveSibling(link.group(1)))) {
          broken.add(ROOT.relativize(page) + ": " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyTestThatHoldsAGuaranteeExists() throws IOException {
    List<MatchResult> named = new ArrayList<>();
    for (String page : List.of("docs/guarantees.md", "docs/reliability.md")) {
      named.addAll(matches(NAMED_TEST, ROOT.resolve(page)));
    }
    List<String> missing = new ArrayList<>();
    for (MatchResult test : named) {
      Optional<Path> source = testSource(test.group(1));
      boolean isThere =
          source.isPresent()
              && (test.group(2) == null
                  || Files.readString(source.get()).contains(" " + test.group(2) + "("));
      if (!isThere) {
        missing.add(test.group());
      }
    }
    assertThat(named).isNotEmpty();
    assertThat(missing).isEmpty();
  }

  private static Optional<Path> testSource(String name) throws IOException {
    try (Stream<Path> files =
        Files.find(
            ROOT,
            20,
            (file, attributes) ->
                file.endsWith(name + ".java") && file.toString().contains("/src/test/"))) {
      return files.findFirst();
    }
  }

  private static List<MatchResult> matches(Pattern pattern, Path page) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(page));
    return matcher.results().toList();
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }
}
