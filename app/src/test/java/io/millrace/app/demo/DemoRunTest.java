/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import static io.millrace.app.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.app.Interruptible;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user starts it: three agents, each a process, over loopback. */
@Tag("long")
class DemoRunTest {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path directory;
  private Process demo;

  @AfterEach
  void leaveNoProcess() {
    if (demo != null) {
      demo.descendants().forEach(ProcessHandle::destroyForcibly);
      demo.destroyForcibly();
    }
  }

  /** Goal: the promise of the demo. Kills the collector while lines flow, then interrupts. */
  @Test
  void aKilledCollectorIsStartedAgainAndNothingIsLost() throws Exception {
    start("--rate", "2000");
    await().atMost(LIMIT).until(() -> storedBytes() > 200_000);

    long killed = agent("collector.conf").pid();
    new ProcessBuilder("kill", "-9", String.valueOf(killed)).start().waitFor();
    await().atMost(LIMIT).until(() -> output().contains("(" + killed + ") was killed (signal 9)"));
    long stored = storedBytes();
    await().atMost(LIMIT).until(() -> storedBytes() > stored + 200_000);
    new ProcessBuilder("kill", "-INT", String.valueOf(demo.pid())).start().waitFor();

    assertThat(demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(output()).containsPattern("lost +0\n").contains("Nothing was lost");
    assertThat(demo.exitValue()).isZero();
    assertThat(demo.descendants()).isEmpty();
  }

  @Test
  void filesOfTheUserAreStoredFromTheirBeginning() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      lines.add("line " + i);
    }
    Path log = Files.write(directory.resolve("my app.log"), lines);
    start("--follow", log.toString(), "--duration", "1");

    assertThat(demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(output()).containsPattern("stored +5,000\n").containsPattern("duplicated +0\n");
    assertThat(demo.exitValue()).isZero();
  }

  private void start(String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.millrace.app.Millrace",
                "demo",
                "--dir",
                directory.resolve("demo").toString()));
    command.addAll(List.of(args));
    demo =
        new ProcessBuilder(Interruptible.command(command))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();
  }

  private ProcessHandle agent(String configuration) {
    return demo.descendants()
        .filter(process -> commandLine(process).contains("/" + configuration + "\0"))
        .findFirst()
        .orElseThrow();
  }

  /** Whole; {@code ProcessHandle} gives up on a class path as long as this one. */
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"));
    } catch (IOException e) {
      return ""; // ended meanwhile
    }
  }

  private long storedBytes() throws IOException {
    Path store = directory.resolve("demo/store");
    if (!Files.isDirectory(store)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(store)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("out"));
  }
}
