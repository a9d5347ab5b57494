/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A second agent on the directories of one that runs is refused, in words, and touches nothing. */
final class SecondAgentTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void aSecondAgentOnTheSameDirectoriesTouchesNothingAndTakesOverOnceTheyAreFree()
      throws IOException {
    Path state = scene.directory("state");
    Keeper first = Keeper.of(scene, "first", state);
    first.start();
    Receipts receipts = new Receipts();
    Senders.sendBatches(first.port(), "first", 20, 10, 0, receipts);
    // Nothing more to write down.
    first.awaitCheckpoints(200);
    Map<String, String> before = contents(state);

    Keeper second = Keeper.of(scene, "second", state);
    second.openStore();
    second.agent().startAndAwaitMetrics();
    second.agent().awaitLog("is in use by another journal");
    assertThat(second.channelMetric("Open")).isZero();
    Receipts refused = new Receipts();
    Senders.sendBatches(second.port(), "second", 3, 10, 0, refused);
    assertThat(refused.acknowledgedBatches()).isZero();
    assertThat(contents(state)).as("files of the first agent").isEqualTo(before);

    Senders.sendBatches(first.port(), "more", 5, 10, 0, receipts);
    assertThat(receipts.acknowledgedBatches()).isEqualTo(25);
    first.agent().stop();
    second.awaitTaking();
    receipts.awaitStored(second.store(), LIMIT);
    second.agent().stop();
    receipts.check(second.store()).assertNothingTwice();
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        contents.put(
            root.relativize(file).toString(),
            Files.size(file) + " " + java.util.Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }
}
