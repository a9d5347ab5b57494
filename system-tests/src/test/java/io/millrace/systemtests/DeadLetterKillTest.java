/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a sink rejects, in the packaged agent, with a sink of a third party's plug-in. */
final class DeadLetterKillTest {
  private static final int LINES = 40_000;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  private String configuration(Path logs, Path taken, Path rejected) {
    return """
        a1.sources = tail
        a1.channels = main dead
        a1.sinks = out morgue
        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s/.*
        a1.sources.tail.positionFile = %s/positions.json
        a1.sources.tail.channels = main
        %s
        %s
        a1.sinks.out.type = picky
        a1.sinks.out.file = %s
        a1.sinks.out.channel = main
        a1.sinks.out.millrace.dead-letter-channel = dead
        %s
        a1.sinks.morgue.channel = dead
        """
        .formatted(
            logs,
            scene.directory("main"),
            Confs.fileChannel("main", scene.directory("main")),
            Confs.fileChannel("dead", scene.directory("dead")),
            taken,
            Confs.fileRoll("morgue", rejected));
  }

  private static String line(int number) {
    return (number % 5 == 0 ? "bad " : "good ") + number;
  }

  // Promise 12: nothing is silent. An event that a sink rejects is in one channel or the other, at
  // whatever moment the process is killed.
  @Test
  @Tag("long")
  void noRejectedEventIsLostWhenTheAgentIsKilledAgainAndAgain() throws Exception {
    int kills = Integer.getInteger("system.tests.dead-letter.kills", 8);
    Path plugins = scene.directory("plugins");
    PickySink.writeTo(plugins);
    Path logs = scene.directory("logs");
    Files.write(logs.resolve("a.log"), IntStream.range(0, LINES).mapToObj(i -> line(i)).toList());
    Path taken = scene.directory().resolve("taken.txt");
    Path rejected = scene.directory("rejected");
    AgentProcess agent =
        scene.millrace(
            "agent", configuration(logs, taken, rejected), "--plugins-path", plugins.toString());
    Random random = scene.random();

    for (int kill = 0; kill < kills; kill++) {
      agent.startAndAwait();
      assertThat(agent.process().awaitExit(Duration.ofMillis(random.nextInt(700))))
          .as("exit status of the agent, which nobody had killed yet")
          .isEmpty();
      agent.kill();
    }
    agent.startAndAwait();
    Conditions.await(
        "every line is taken or rejected",
        DRAIN_LIMIT,
        () -> taken(taken).size() + rejected(rejected).size() == LINES);
    agent.stop();

    assertThat(taken(taken)).allMatch(line -> line.startsWith("good "));
    assertThat(rejected(rejected)).allMatch(line -> line.startsWith("bad "));
    int twice = Store.of(rejected).lineCount() - LINES / 5;
    Scene.say("kills: " + kills + "; dead letters that came twice: " + twice);
  }

  private static Set<String> taken(Path file) throws IOException {
    Set<String> taken = new HashSet<>();
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      // A killed process may leave the end of a line out, and the next one goes on in it.
      taken.add(line.substring(Math.max(0, line.lastIndexOf("good "))));
    }
    return taken;
  }

  private static Set<String> rejected(Path directory) {
    return Store.of(directory).lines().keySet();
  }

  @Test
  void theCommandsKnowThePluginAndSayWhereItIs() throws Exception {
    Path plugins = scene.directory("plugins");
    PickySink.writeTo(plugins);
    Path conf = scene.directory().resolve("picky.conf");
    Files.writeString(
        conf,
        """
        a1.sources = r1
        a1.channels = c1
        a1.sinks = k1
        a1.sources.r1.type = seq
        a1.sources.r1.channels = c1
        a1.channels.c1.type = memory
        a1.sinks.k1.type = picky
        a1.sinks.k1.file = x
        a1.sinks.k1.channel = c1
        """);

    assertThat(command("check", conf.toString(), "--plugins-path", plugins.toString()).status())
        .isZero();
    Command described = command("describe", "picky", "--plugins-path", plugins.toString());
    assertThat(described.output()).contains("In the plug-in: picky", "pauseMillis");
    Command without = command("check", conf.toString());
    assertThat(without.status()).isEqualTo(1);
    assertThat(without.output()).contains("'picky' is no type of sink");
  }

  private Command command(String... words) {
    return Command.millrace(scene.directory(), Duration.ofSeconds(120), words);
  }
}
