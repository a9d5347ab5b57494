/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.reload;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.reload.ReloadResult.Outcome;
import io.millrace.engine.runtime.Agent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 10: a broken file changes nothing, and its repair is always picked up. */
class ReloaderTest {
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Duration SETTLING = Duration.ofMillis(50);
  private static final String GOOD =
      """
      a1.sources = r1
      a1.channels = c1
      a1.sinks = k1
      a1.sources.r1.type = tiny
      a1.sources.r1.channels = c1
      a1.channels.c1.type = tiny
      a1.sinks.k1.type = tiny
      a1.sinks.k1.channel = c1
      """;
  private static final String BROKEN =
      GOOD + "a1.sources.r1.port = many\na1.sinks.k1.type = tyni\n";

  @TempDir Path folder;
  private Path file;
  private final Queue<Throwable> defects = new ConcurrentLinkedQueue<>();
  private Agent agent;
  private Reloader reloader;
  private ConfigurationWatch watch;

  /** Throws what the test says where a change is applied, each once. */
  private final class Defects implements Reloader.Listener {
    @Override
    public void applying() {
      Throwable defect = defects.poll();
      if (defect instanceof Error error) {
        throw error;
      } else if (defect != null) {
        throw (RuntimeException) defect;
      }
    }

    @Override
    public void done() {}
  }

  @BeforeEach
  void start() throws IOException {
    file = Files.writeString(folder.resolve("a1.properties"), GOOD);
    ConfigurationFiles files =
        new ConfigurationFiles(
            new ConfigurationLoader(TinyComponents.catalog(), Environment.ofProcess()),
            List.of(file),
            "a1",
            Strictness.STRICT);
    String fingerprint = files.fingerprint();
    agent = Agent.create(files.read().agent().orElseThrow());
    reloader = new Reloader(agent, files, fingerprint, new Defects());
    agent.start();
  }

  @AfterEach
  void stop() {
    if (watch != null) {
      watch.close();
    }
    agent.close();
  }

  /** As a whole: a watch never sees a part of it, however slow the machine is. */
  private void write(String text) throws IOException {
    Path next = Files.writeString(folder.resolve("a1.properties.next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private long metric(String name) {
    return Long.parseLong(agent.metrics().snapshot().get("AGENT.a1").get(name));
  }

  private int port() {
    return ((TinyComponents.TinySource) agent.definition().sources().get(0).options()).port();
  }

  private ReloadResult reload() {
    return reloader.reload("the test");
  }

  @Test
  void aChangedFileIsAppliedAndTheSameOneIsNot() throws IOException {
    write(GOOD + "a1.sources.r1.port = 2\n");

    assertThat(reload())
        .isEqualTo(new ReloadResult(Outcome.APPLIED, List.of("source r1 changes: port")));
    assertThat(reload()).isEqualTo(new ReloadResult(Outcome.UNCHANGED, List.of()));

    assertThat(port()).isEqualTo(2);
    assertThat(metric("ConfigurationAppliedCount")).isEqualTo(1);
    assertThat(metric("ConfigurationRefusedCount")).isZero();
    assertThat(metric("ConfigurationBroken")).isZero();
  }

  @Test
  void aCommentOrAnotherOrderChangesNothing() throws IOException {
    List<String> lines = new java.util.ArrayList<>(GOOD.lines().toList());
    java.util.Collections.reverse(lines);
    write("# nothing else\n" + String.join("\n", lines));

    assertThat(reload().outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void aBrokenFileChangesNothingAndAllItsProblemsAreTold() throws IOException {
    write(BROKEN);

    ReloadResult result = reload();

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.isInForce()).isFalse();
    assertThat(result.lines()).hasSize(2).anyMatch(line -> line.contains("many"));
    assertThat(result.message()).contains("nothing was changed", "a1.sinks.k1.type");
    assertThat(port()).isEqualTo(1);
    assertThat(metric("ConfigurationBroken")).isEqualTo(1);
    assertThat(metric("ConfigurationRefusedCount")).isEqualTo(1);
  }

  @Test
  void aRepairedFileIsPickedUpThoughItIsOlderThanTheBrokenOne() throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);
    write(BROKEN);
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isEqualTo(1));

    write(GOOD + "a1.sources.r1.port = 3\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() - 86_400_000));

    await().untilAsserted(() -> assertThat(port()).isEqualTo(3));
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isZero());
  }

  @Test
  void aFileThatIsAsBeforeAgainEndsTheAlarm() throws IOException {
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);
    write(BROKEN);
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isEqualTo(1));

    write(GOOD);

    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isZero());
    assertThat(metric("ConfigurationAppliedCount")).isZero();
  }

  @Test
  void theSameProblemsAreToldOnce() throws IOException {
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);
    write(BROKEN);
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isEqualTo(1));

    await()
        .during(OFTEN.multipliedBy(8))
        .untilAsserted(() -> assertThat(metric("ConfigurationRefusedCount")).isEqualTo(1));

    reload();
    assertThat(metric("ConfigurationRefusedCount")).as("whoever asks is told").isEqualTo(2);
  }

  /** The cause may lie outside the files; then they don't change when it is gone. */
  @Test
  void whatCouldNotBeBuiltIsTriedAgainUntilItCan() throws IOException {
    Path keys = folder.resolve("keys.p12");
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);
    write(GOOD + "a1.sinks.k1.key.store = " + keys + "\na1.sources.r1.port = 4\n");
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isEqualTo(1));
    assertThat(port()).isEqualTo(1);

    Files.createFile(keys);

    await().untilAsserted(() -> assertThat(port()).isEqualTo(4));
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isZero());
  }

  @Test
  void aChangeThatEndsByADefectIsSaidAndTriedAgain() throws IOException {
    defects.add(new IllegalStateException("a defect"));
    defects.add(new StackOverflowError("another one"));
    watch = ConfigurationWatch.start(reloader, Optional.empty(), SETTLING);
    write(GOOD + "a1.sources.r1.port = 9\n");
    watch.request("the test");
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isEqualTo(1));
    watch.close();
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);

    await().untilAsserted(() -> assertThat(port()).isEqualTo(9));
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isZero());
    assertThat(defects).isEmpty();
  }

  @Test
  void aFileThatIsGoneChangesNothing() throws IOException {
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);
    Files.delete(file);
    await().untilAsserted(() -> assertThat(metric("ConfigurationBroken")).isEqualTo(1));
    assertThat(agent.definition().sources()).hasSize(1);

    write(GOOD + "a1.sources.r1.port = 5\n");
    await().untilAsserted(() -> assertThat(port()).isEqualTo(5));
  }

  /**
   * An editor that writes in place, slowly: every part of the file would be a configuration. Where
   * the machine itself made the file hold still, that part may have been taken.
   */
  @Test
  void aFileThatIsBeingWrittenIsNotTakenBeforeItHoldsStill() throws IOException {
    Duration settling = Duration.ofMillis(400);
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), settling);
    int timesItHeldStill = 0;
    long lastBegin = System.nanoTime();
    for (int port = 10; port < 20; port++) {
      long begin = System.nanoTime();
      Files.writeString(file, GOOD + "a1.sources.r1.port = " + port + "\n");
      if (System.nanoTime() - lastBegin >= settling.toNanos()) {
        timesItHeldStill++;
      }
      lastBegin = begin;
      await()
          .pollInterval(Duration.ofMillis(10))
          .until(() -> System.nanoTime() - begin > 100_000_000);
    }
    await().untilAsserted(() -> assertThat(port()).isEqualTo(19));
    // It is counted a moment after it is in use.
    await().until(() -> metric("ConfigurationAppliedCount") > 0);
    assertThat(metric("ConfigurationAppliedCount")).isLessThanOrEqualTo(1L + timesItHeldStill);
  }

  @Test
  void withoutPollingOnlyWhatIsAskedForIsRead() throws IOException {
    watch = ConfigurationWatch.start(reloader, Optional.empty(), SETTLING);
    write(GOOD + "a1.sources.r1.port = 6\n");
    await().during(Duration.ofMillis(300)).until(() -> port() == 1);

    watch.request("SIGHUP");

    await().untilAsserted(() -> assertThat(port()).isEqualTo(6));
  }

  @Test
  void whatChangedWhileTheAgentWasBuiltIsFoundByTheFirstLook() throws IOException {
    write(GOOD + "a1.sources.r1.port = 7\n");
    watch = ConfigurationWatch.start(reloader, Optional.of(OFTEN), SETTLING);

    await().untilAsserted(() -> assertThat(port()).isEqualTo(7));
  }

  @Test
  void aSecretIsNeverTold() throws IOException {
    write(GOOD + "a1.sinks.k1.key.password = very-secret\n");
    ReloadResult result = reload();

    assertThat(result.lines()).containsExactly("sink k1 changes: key.password");
    assertThat(Map.of("result", result).toString()).doesNotContain("very-secret");
  }

  @Test
  void aReloadAfterTheStopIsRefused() throws IOException {
    agent.close();
    write(GOOD + "a1.sources.r1.port = 8\n");

    assertThat(reload().outcome()).isEqualTo(Outcome.REFUSED);
  }
}
