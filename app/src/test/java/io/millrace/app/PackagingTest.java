/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of systemd and the entry point of a container, as far as they run without either. */
class PackagingTest {
  private static final Path PACKAGING = Path.of("..", "packaging");

  @TempDir private Path home;

  private record Outcome(int status, String out) {}

  private Outcome run(Map<String, String> environment, List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_OPTS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out);
  }

  /** A launcher that says which process it is, its options, and its arguments. */
  private Outcome enter(Map<String, String> environment, String... arguments) throws Exception {
    Path launcher = home.resolve("bin/millrace");
    Files.createDirectories(launcher.getParent());
    Files.writeString(launcher, "#!/bin/sh\necho \"$$ [${JAVA_OPTS:-}]\"; printf '<%s>' \"$@\"\n");
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Map<String, String> all = new java.util.HashMap<>(environment);
    all.put("MILLRACE_HOME", home.toString());
    List<String> command =
        Stream.concat(
                Stream.of("/bin/sh", "-c", "echo $$; exec \"$@\"", "sh", entrypoint().toString()),
                Stream.of(arguments))
            .toList();
    return run(all, command);
  }

  private static Path entrypoint() {
    return PACKAGING.resolve("container/entrypoint.sh").toAbsolutePath();
  }

  @Test
  void theContainersProcessIsTheLauncherItself() throws Exception {
    Path conf = Files.createFile(home.resolve("my flume.conf"));
    Outcome outcome = enter(Map.of("MILLRACE_CONF", conf.toString(), "MILLRACE_AGENT", "edge"));

    assertThat(outcome.status()).as(outcome.out()).isZero();
    String[] lines = outcome.out().split("\n", -1);
    assertThat(lines[1]).isEqualTo(lines[0] + " [-XX:MaxRAMPercentage=60 ]");
    assertThat(lines[2])
        .startsWith("<agent><--name><edge><--conf-file><" + conf + ">")
        .contains("<-Dflume.monitoring.port=41414>", "<-Dflume.monitoring.bind=127.0.0.1>");
  }

  @Test
  void aHeapThatIsSaidWins() throws Exception {
    assertThat(enter(Map.of("JAVA_OPTS", "-Xmx1g"), "check", "x.conf").out())
        .contains("[-Xmx1g]")
        .endsWith("<check><x.conf>");
    assertThat(enter(Map.of(), "agent", "-Xmx1g").out()).contains("[]");
  }

  @Test
  void anythingElseRunsAsItStands() throws Exception {
    assertThat(enter(Map.of(), "echo", "hello").out()).endsWith("hello\n");
  }

  @Test
  void aMissingConfigurationIsNamed() throws Exception {
    Outcome outcome = enter(Map.of("MILLRACE_CONF", "/no/such.conf"));
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.out()).contains("/no/such.conf cannot be read", "MILLRACE_CONF");
  }

  /** systemd looks whether the program is there: it gets one that is. */
  @Test
  void systemdUnderstandsTheUnit() throws Exception {
    String unit = Files.readString(PACKAGING.resolve("systemd/millrace@.service"));
    assertThat(unit).contains("Type=notify", "WatchdogSec=", "Restart=always");
    Path analyze = Path.of("/usr/bin/systemd-analyze");
    if (!Files.isExecutable(analyze)) {
      System.err.println("[packaging] NOT CHECKED: systemd-analyze is not installed");
      return;
    }
    Path copy = home.resolve("millrace@a1.service");
    Files.writeString(copy, unit.replace("/opt/millrace/bin/millrace", "/bin/true"));

    Outcome outcome = run(Map.of(), List.of(analyze.toString(), "verify", copy.toString()));

    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.status()).isZero();
  }

  @Test
  void theScriptsAreExecutable() throws IOException {
    try (Stream<Path> files = Files.list(PACKAGING.resolve("container"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".sh")))
          .hasSize(2)
          .allMatch(Files::isExecutable);
    }
  }
}
