/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell script, in an installation of its own whose path has a blank. A dry run prints the
 * command it would become.
 */
class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "bin", "millrace");

  @TempDir private Path temporary;
  private Path home;
  private Path launcher;

  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void install() throws IOException {
    home = Files.createDirectories(temporary.resolve("mill race"));
    Files.createDirectories(home.resolve("lib"));
    Files.createDirectories(home.resolve("bin"));
    launcher = Files.copy(SCRIPT, home.resolve("bin/millrace"));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void theCommandIsStartedWithTheJarsOfTheInstallation() throws Exception {
    Outcome outcome = run("agent", "-n", "a1", "--dryrun");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains("'-cp' '" + home + "/conf:" + home + "/lib/*' 'io.millrace.app.Millrace'")
        .endsWith("'io.millrace.app.Millrace' 'agent' '-n' 'a1'\n")
        .contains("'-XX:+ExitOnOutOfMemoryError'")
        .contains("'-Xmx512m'");
  }

  @Test
  void blanksAndQuotesInArgumentsStayAsTheyAre() throws Exception {
    Outcome outcome = run("agent", "-f", "it's in \"my files\"/a  b.conf", "--", "-d", "-d");

    assertThat(outcome.status()).as(outcome.err()).isNotEqualTo(0);

    outcome = run("-d", "agent", "-f", "it's in \"my files\"/a  b.conf", "$HOME", "*", "--", "-d");
    assertThat(outcome.out())
        .endsWith("'agent' '-f' 'it'\\''s in \"my files\"/a  b.conf' '$HOME' '*' '--' '-d'\n");
  }

  @Test
  void optionsOfTheJvmReachTheJvm() throws Exception {
    Outcome outcome =
        run("agent", "-d", "-Da=1 2", "-D", "b=3", "-Xmx1g", "-javaagent:x.jar", "-agentlib:y");

    assertThat(outcome.out())
        .contains("'-Da=1 2' '-Db=3' '-Xmx1g' '-javaagent:x.jar' '-agentlib:y' '-cp'")
        .doesNotContain("-Xmx512m")
        .endsWith("'agent'\n");
  }

  @Test
  void optionsFromTheEnvironmentComeBeforeThoseOfTheCommandLine() throws Exception {
    Outcome outcome =
        run(
            Map.of(
                "JAVA_OPTS", "-Da=1 -Xmx3g",
                "FLUME_JAVA_OPTS", "-Db=*",
                "MILLRACE_JAVA_OPTS", "-Dc=3",
                "FLUME_CLASSPATH", "/x/*"),
            List.of("agent", "-d", "-Dd=4"));

    assertThat(outcome.out())
        .contains("'-Da=1' '-Xmx3g' '-Db=*' '-Dc=3' '-Dd=4'")
        .contains("/lib/*:/x/*'")
        .doesNotContain("-Xmx512m");
  }

  /** What is set for the agent - a heap, a port of a debugger - is not its supervisor's. */
  @Test
  void theSupervisorIsSmallAndTakesNoOptionsOfItsAgent() throws Exception {
    Outcome outcome =
        run(
            Map.of("JAVA_OPTS", "-Xms8g", "MILLRACE_SUPERVISOR_OPTS", "-Dx=1"),
            List.of("supervise", "-d", "--", "agent", "-Xmx8g", "-Dy=2", "-c", "/conf"));

    assertThat(outcome.out())
        .contains("-Xmx32m", "-XX:+UseSerialGC", "'-Dx=1'")
        .doesNotContain("-Xms8g")
        .endsWith("'supervise' '--' 'agent' '-Xmx8g' '-Dy=2' '-c' '/conf'\n");
  }

  @Test
  void theConfigurationDirectoryComesFirstAndItsScriptsAreRead() throws Exception {
    Path conf = Files.createDirectories(temporary.resolve("my conf"));
    Files.writeString(conf.resolve("flume-env.sh"), "export JAVA_OPTS=\"-Dfrom=flume\"\n");
    Files.writeString(conf.resolve("millrace-env.sh"), "MILLRACE_JAVA_OPTS=-Dfrom2=millrace\n");

    Outcome outcome = run("agent", "-d", "--conf", conf.toString(), "-C", "/extra.jar");

    assertThat(outcome.out())
        .contains("'-Dfrom=flume' '-Dfrom2=millrace'")
        .contains("'-cp' '" + conf + ":" + home + "/lib/*:/extra.jar'")
        .contains("'-Dmillrace.conf=" + conf + "'");
  }

  /** Goal: no jar of a plug-in is on the class path; the connectors are found in any case. */
  @Test
  void pluginDirectoriesAreNamedAndNotOnTheClassPath() throws Exception {
    Path plugins = temporary.resolve("plug ins");
    Files.createDirectories(plugins.resolve("foo/lib"));
    Files.createDirectories(home.resolve("plugins.d/kafka/lib"));

    assertThat(run("agent", "-d").out())
        .contains("'-Dmillrace.plugins.path=" + home + "/plugins.d'")
        .contains("'-cp' '" + home + "/conf:" + home + "/lib/*' ");
    assertThat(run("check", "-d", "--plugins-path", plugins + ":/more").out())
        .contains("'-Dmillrace.plugins.path=" + plugins + ":/more:" + home + "/plugins.d'")
        .contains("'-cp' '" + home + "/conf:" + home + "/lib/*' ")
        .doesNotContain("java.library.path");
    assertThat(run("agent", "-d", "--plugins-path=" + home + "/plugins.d").out())
        .contains("'-Dmillrace.plugins.path=" + home + "/plugins.d'");
  }

  @Test
  void aMissingValueOrDirectoryIsNamed() throws Exception {
    assertThat(run("agent", "-c").status()).isEqualTo(2);
    Outcome outcome = run("agent", "-c", "/no/such/place");
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).contains("/no/such/place");
  }

  @Test
  void theScriptFindsItsHomeThroughLinks() throws Exception {
    Path first = Files.createSymbolicLink(home.resolve("bin/flume-ng"), Path.of("millrace"));
    Path second = Files.createSymbolicLink(temporary.resolve("link"), first);

    Outcome outcome = run(second, Map.of(), List.of("version", "-d"));

    assertThat(outcome.out()).contains(home + "/lib/*");
  }

  @Test
  void aMissingJavaIsAnsweredWithWhatToInstall() throws Exception {
    Outcome outcome = run(Map.of("PATH", toolsWithout("java").toString()), List.of("version"));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("no Java 17 or newer", "JAVA_HOME is not set", "openjdk-17-jdk-headless");
  }

  @Test
  void anOldJavaIsNamedWithItsVersion() throws Exception {
    Path tools = toolsWithout("java");
    Path oldJava = temporary.resolve("jdk8");
    script(oldJava.resolve("bin/java"), "echo 'openjdk version \"1.8.0_402\"' >&2");

    Outcome outcome =
        run(Map.of("PATH", tools.toString(), "JAVA_HOME", oldJava.toString()), List.of("version"));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains(oldJava + "/bin/java: version 8");
  }

  @Test
  void aSourceCheckoutWithoutMavenSaysWhatToInstall() throws Exception {
    Files.delete(home.resolve("lib"));
    Files.writeString(home.resolve("pom.xml"), "<project>\n  <version>1</version>\n</project>\n");

    Outcome outcome =
        run(
            Map.of("PATH", toolsWithout("mvn").toString(), "JAVA_HOME", javaHome()),
            List.of("version"));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("Maven (mvn) is not on the PATH", "apt-get install maven");
  }

  @Test
  void anOldMavenIsNamedWithItsVersion() throws Exception {
    Path tools = checkoutWithMaven("[ \"$1\" = -version ] && echo 'Apache Maven 3.6.3'");

    Outcome outcome =
        run(Map.of("PATH", tools.toString(), "JAVA_HOME", javaHome()), List.of("version"));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("Maven 3.6.3 found").contains("needs 3.8.6");
  }

  @Test
  void aFailedBuildShowsTheEndOfItsLog() throws Exception {
    Path tools =
        checkoutWithMaven(
            "[ \"$1\" = -version ] && echo 'Apache Maven 3.9.9' && exit 0;"
                + " echo '[ERROR] a semicolon is missing'; exit 1");

    Outcome outcome =
        run(Map.of("PATH", tools.toString(), "JAVA_HOME", javaHome()), List.of("version"));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("the build failed", "a semicolon is missing", "build.log");
    assertThat(home.resolve("target/build.lock")).doesNotExist();
  }

  /** Goal: built on first use, not on the second, again after a change. */
  @Test
  void aCheckoutIsBuiltWhenThereIsNoBuildOrASourceIsNewer() throws Exception {
    Path tools =
        checkoutWithMaven(
            "[ \"$1\" = -version ] && echo 'Apache Maven 3.9.9' && exit 0;"
                + " echo built >>builds; mkdir -p app/target/millrace-1/lib;"
                + " touch app/target/build.stamp");
    Map<String, String> environment =
        Map.of("PATH", tools.toString(), "JAVA_HOME", fakeJava().toString());

    assertThat(run(environment, List.of("version")).out()).contains("io.millrace.app.Millrace");
    run(environment, List.of("version"));
    assertThat(home.resolve("builds")).content().isEqualTo("built\n");

    Path source = home.resolve("app/src/main/java/A.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "class A {}");
    assertThat(source.toFile().setLastModified(System.currentTimeMillis() + 60_000)).isTrue();
    run(environment, List.of("version"));
    assertThat(home.resolve("builds")).content().isEqualTo("built\nbuilt\n");
  }

  private Path checkoutWithMaven(String maven) throws IOException {
    Files.delete(home.resolve("lib"));
    Files.writeString(home.resolve("pom.xml"), "<project>\n  <version>1</version>\n</project>\n");
    Path tools = toolsWithout("mvn");
    script(tools.resolve("mvn"), maven);
    return tools;
  }

  /** A Java home that says what it was called with. */
  private Path fakeJava() throws IOException {
    Path fake = temporary.resolve("fake java");
    script(fake.resolve("bin/java"), "printf '%s\\n' \"$@\"");
    script(fake.resolve("bin/javac"), "true");
    Files.writeString(fake.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    return fake;
  }

  private static void script(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** A directory of links to the tools of this machine, but for Java and Maven. */
  private Path toolsWithout(String left) throws IOException {
    Path tools = Files.createDirectories(temporary.resolve("tools without " + left));
    for (String tool :
        List.of(
            "sh",
            "dirname",
            "readlink",
            "sed",
            "grep",
            "sort",
            "head",
            "tail",
            "find",
            "mkdir",
            "rm",
            "cat",
            "sleep",
            "touch",
            "cut",
            "stty")) {
      Path target =
          Arrays.stream(System.getenv("PATH").split(":", -1))
              .map(directory -> Path.of(directory, tool))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow();
      Files.createSymbolicLink(tools.resolve(tool), target);
    }
    return tools;
  }

  private static String javaHome() {
    return System.getProperty("java.home");
  }

  private Outcome run(String... args) throws Exception {
    return run(Map.of("JAVA_HOME", javaHome()), List.of(args));
  }

  private Outcome run(Map<String, String> environment, List<String> args) throws Exception {
    return run(launcher, environment, args);
  }

  private Outcome run(Path script, Map<String, String> environment, List<String> args)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
    command.addAll(args);
    Path err = temporary.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    List.of("JAVA_HOME", "JAVA_OPTS", "FLUME_JAVA_OPTS", "MILLRACE_JAVA_OPTS", "FLUME_CLASSPATH")
        .forEach(builder.environment()::remove);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out, Files.readString(err));
  }
}
