/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataSize;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories followed with all below, and lines joined to events. */
class GroupsAndEventsTest {
  @TempDir private Path temporary;

  private TailerHarness harness;

  @BeforeEach
  void harness() {
    harness = new TailerHarness(temporary);
  }

  private List<String> bodies() {
    return harness.output.bodies();
  }

  private void recursive() {
    harness.groups.clear();
    harness.groups.put("g", harness.directory + "/**/.*\\.log");
  }

  private void append(String name, String text) throws IOException {
    Files.createDirectories(harness.file(name).getParent());
    harness.append(name, text);
  }

  @Test
  void aRecursiveGroupFollowsWhatIsBelowAndWhatComesLater() throws IOException {
    recursive();
    append("a.log", "a\n");
    append("x/y/b.log", "b\n");
    append("x/y/b.txt", "no\n");
    append(".hidden/c.log", "no\n");
    Files.createSymbolicLink(harness.file("loop"), harness.directory);
    harness.start();
    harness.settle();
    append("x/z/d.log", "d\n");
    append("x/y/b.log", "b2\n");
    harness.settle();
    harness.rename("x/y/b.log", "x/z/moved.log");
    harness.settle();
    append("x/z/moved.log", "b3\n");
    harness.settle();
    harness.stop();
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactlyInAnyOrder("a", "b", "b2", "b3", "d");
  }

  @Test
  void groupsMayOverlap() throws IOException {
    recursive();
    harness.groups.put("h", harness.directory + "/**/.*\\.txt");
    append("x/a.log", "a\n");
    append("x/b.txt", "b\n");
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aDirectoryThatGoesAndComesBackIsFollowedAgain() throws IOException {
    recursive();
    append("x/a.log", "a\n");
    harness.start();
    harness.settle();
    Files.delete(harness.file("x/a.log"));
    Files.delete(harness.file("x"));
    harness.settle();
    append("x/a.log", "new\n");
    harness.settle();

    assertThat(bodies()).containsExactly("a", "new");
  }

  private void join(String pattern, boolean negate, MultilineOptions.Side side, int maxBytes) {
    harness.multiline =
        new MultilineOptions(
            Optional.of(pattern),
            negate,
            side,
            500,
            DataSize.ofBytes(maxBytes),
            Duration.ofSeconds(3));
  }

  @Test
  void aStackTraceIsOneEventThatWaitsForItsEnd() {
    join("^\\s", false, MultilineOptions.Side.AFTER, 1 << 20);
    harness.append("app.log", "one\n at a\n");
    harness.start();
    harness.pass(Duration.ofSeconds(1));
    harness.append("app.log", " at b\ntwo\n");
    harness.pass(Duration.ofSeconds(1));
    assertThat(bodies()).containsExactly("one\n at a\n at b");

    harness.pass(Duration.ofSeconds(4));
    assertThat(bodies()).containsExactly("one\n at a\n at b", "two");
    harness.append("app.log", "three\n at c\nfo");
    harness.settle();
    assertThat(bodies()).hasSize(3).endsWith("three\n at c");
    harness.append("app.log", "ur\n");
    harness.settle();
    assertThat(bodies()).hasSize(4).endsWith("four");
  }

  @Test
  void anEventInTheMakingIsReadAgainAfterACrash() {
    join("^\\s", false, MultilineOptions.Side.AFTER, 1 << 20);
    harness.append("app.log", "one\n at a\n");
    harness.start();
    harness.pass(Duration.ofMillis(500));
    harness.start();
    harness.append("app.log", " at b\ntwo\n");
    harness.settle();

    assertThat(bodies()).containsExactly("one\n at a\n at b", "two");
  }

  @Test
  void linesThatGoOnAreJoinedToTheNextAndEventsAreBounded() {
    join("\\\\$", false, MultilineOptions.Side.BEFORE, 10);
    harness.append("app.log", "a\\\r\nb\nc\naaaa\\\nbbbb\\\ncccc\nlast\\\n");
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactly("a\\\r\nb", "c", "aaaa\\", "bbbb\\\ncccc", "last\\");
  }

  @Test
  void bigEventsGoThroughManyBlocks() {
    join("^event", true, MultilineOptions.Side.AFTER, 1 << 20);
    List<String> expected = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      StringBuilder event = new StringBuilder("event " + i);
      for (int line = 0; line < 100; line++) {
        event.append("\n more ").append(line).append("x".repeat((i * 97) % 4000));
      }
      expected.add(event.toString());
      text.append(event).append('\n');
    }
    harness.append("app.log", text.toString());
    harness.start();
    harness.settle();

    assertThat(bodies()).isEqualTo(expected);
  }
}
