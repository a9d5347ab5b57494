/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
  private static final int ROUNDS = Integer.getInteger("millrace.jms.kills", 3);
  private static final int MESSAGES = 3_000;
  private static final int BATCH_SIZE = 20;

  @TempDir private Path directory;

  /** Kills the process with SIGKILL while it drains a queue, some times, and counts at the end. */
  @Test
  void nothingIsLostAndAtMostATransactionAKillComesTwice() throws Exception {
    Path store = directory.resolve("store");
    try (Broker broker = new Broker(directory.resolve("broker"))) {
      broker.send("orders", Broker.numbers(0, MESSAGES));
      for (int round = 1; round <= ROUNDS; round++) {
        int enough = MESSAGES * round / (ROUNDS + 1);
        runUntil(broker, store, () -> lines(store).size() >= enough);
      }
      runUntil(broker, store, () -> broker.depth("orders") == 0);
    }
    List<String> stored = lines(store);
    Set<String> distinct = new HashSet<>(stored);
    assertThat(distinct)
        .isEqualTo(
            IntStream.range(0, MESSAGES).mapToObj(Integer::toString).collect(Collectors.toSet()));
    assertThat(stored.size() - distinct.size()).isLessThanOrEqualTo(ROUNDS * BATCH_SIZE);
    System.out.printf(
        "jms: %d kills, %d sent, %d stored, 0 lost, %d twice%n",
        ROUNDS, MESSAGES, stored.size(), stored.size() - distinct.size());
  }

  private void runUntil(Broker broker, Path store, java.util.concurrent.Callable<Boolean> condition)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                KilledAgent.class.getName(),
                broker.url(),
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("agent.log").toFile())
            .start();
    try {
      await().atMost(Duration.ofSeconds(180)).pollInterval(Duration.ofMillis(5)).until(condition);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static List<String> lines(Path store) throws IOException {
    return Files.exists(store) ? Files.readAllLines(store) : List.of();
  }
}
