/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.app.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The worked examples of the page are what the command says. */
class CapacityPageTest {
  private static final Path PAGE = Path.of("../docs/capacity.md");

  /** A call of the command and the block of what it prints. */
  private static final Pattern EXAMPLE =
      Pattern.compile("```\\n\\$ millrace (plan [^\\n]*)\\n(.*?)```\\n", Pattern.DOTALL);

  /** {@code -Dmillrace.manual.update=true} writes them anew. */
  @Test
  void everyExampleIsWhatTheCommandPrints() throws IOException {
    String page = Files.readString(PAGE);
    String now = EXAMPLE.matcher(page).replaceAll(CapacityPageTest::printed);
    assertThat(EXAMPLE.matcher(page).results()).hasSize(3);
    if (Boolean.getBoolean("millrace.manual.update")) {
      Files.writeString(PAGE, now);
    } else {
      assertThat(page).as("write it anew with -Dmillrace.manual.update=true").isEqualTo(now);
    }
  }

  private static String printed(MatchResult example) {
    CommandRun run = CommandRun.of(example.group(1).split(" ", -1));
    assertThat(run.status()).as(run.err()).isZero();
    String block =
        "```\n$ millrace " + example.group(1) + "\n" + run.out().stripTrailing() + "\n```\n";
    return Matcher.quoteReplacement(block);
  }
}
