/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The load generator of syslog-ng sends as fast as it can, over several connections; each message
 * has its number in it, and each is stored once.
 */
final class LoggenTest {
  private static final int CONNECTIONS = 3;
  private static final int MESSAGES_EACH =
      Integer.getInteger("system.tests.loggen.messages", 5_000);
  private static final int MESSAGE_BYTES = 300;

  /** Messages a second and connection that it never reaches. */
  private static final int NO_LIMIT = 100_000_000;

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern NUMBER = Pattern.compile("seq: (\\d+), thread: (\\d+),");

  @RegisterExtension final Scene scene = new Scene();

  private final SyslogNgPackage programs = new SyslogNgPackage();

  @Test
  void everyLineOfRfc3164IsStoredOnce() {
    assertAllAreStoredOnce();
  }

  @Test
  void everyCountedMessageOfRfc5424IsStoredOnce() {
    assertAllAreStoredOnce("--syslog-proto");
  }

  private void assertAllAreStoredOnce(String... form) {
    programs.assumeHas(SyslogNgPackage.LOGGEN);
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", conf(port, store)).startAndAwait();
    Scene.say(loggen(port, form).strip());
    int sent = CONNECTIONS * MESSAGES_EACH;
    Conditions.await(
        "everything is stored",
        LIMIT,
        Duration.ofMillis(200),
        () -> agent.metric("SINK.store", "EventDrainSuccessCount") >= sent);
    assertThat(agent.metric("SOURCE.r1", "MessagesMalformed")).isZero();
    agent.stop();
    List<String> numbers = new ArrayList<>();
    Store.of(store)
        .lines()
        .forEach(
            (line, times) -> IntStream.range(0, times).forEach(i -> numbers.add(number(line))));
    assertThat(numbers).as("each once").doesNotHaveDuplicates();
    assertThat(Set.copyOf(numbers)).as("all").isEqualTo(allNumbers());
  }

  private String loggen(int port, String... form) {
    List<String> words =
        new ArrayList<>(
            List.of(
                programs.path(SyslogNgPackage.LOGGEN),
                "--inet",
                "--stream",
                "--quiet",
                "--number=" + MESSAGES_EACH,
                "--active-connections=" + CONNECTIONS,
                "--size=" + MESSAGE_BYTES,
                "--rate=" + NO_LIMIT,
                "--interval=" + LIMIT.toSeconds()));
    words.addAll(List.of(form));
    words.addAll(List.of("127.0.0.1", Integer.toString(port)));
    Command done = Command.run("loggen", scene.directory(), LIMIT, words, programs.environment());
    assertThat(done.status()).as(done.output()).isZero();
    assertThat(done.output()).contains("count=" + CONNECTIONS * MESSAGES_EACH + ",");
    return done.output();
  }

  private static String number(String line) {
    Matcher found = NUMBER.matcher(line);
    assertThat(found.find()).as("a message of loggen: %s", line).isTrue();
    return Integer.parseInt(found.group(2)) + "/" + Integer.parseInt(found.group(1));
  }

  private static Set<String> allNumbers() {
    return IntStream.range(0, CONNECTIONS)
        .boxed()
        .flatMap(
            connection ->
                IntStream.range(0, MESSAGES_EACH).mapToObj(number -> connection + "/" + number))
        .collect(Collectors.toSet());
  }

  private String conf(int port, Path store) {
    return """
        a1.sources = r1
        a1.channels = disk
        a1.sinks = store
        a1.sources.r1.type = syslogtcp
        a1.sources.r1.host = 127.0.0.1
        a1.sources.r1.port = %d
        a1.sources.r1.channels = disk
        %s
        %s
        a1.sinks.store.channel = disk
        """
        .formatted(
            port,
            Confs.fileChannel("disk", scene.directory("state")),
            Confs.fileRoll("store", store));
  }
}
