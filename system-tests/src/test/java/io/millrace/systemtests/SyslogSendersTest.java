/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The syslog sources with senders as they are in use: logger, rsyslog, syslog-ng. */
final class SyslogSendersTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ROUNDS = Integer.getInteger("system.tests.syslog.rounds", 1);
  private static final int MESSAGES_A_STEP = 200;
  private static final int STEPS = 10;

  /** By each restart; one was seen. */
  private static final int RESENT_BY_RSYSLOG = 10;

  /** It finds a connection ended only when it has written to it; one was seen. */
  private static final int LOST_BY_SYSLOG_NG = 20;

  /** Between two steps of the load. */
  private static final Duration PACE = Duration.ofMillis(50);

  /** Longer than rsyslog waits between two tries. */
  private static final Duration QUIET = Duration.ofSeconds(5);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void loggerIsUnderstoodInEachOfItsForms() {
    Tool.assumeIsThere("logger", "bsdutils");
    Path store = scene.directory("store");
    int tcp = Ports.free();
    int several = Ports.free();
    int udp = Ports.free();
    int lines = Ports.free();
    AgentProcess agent =
        scene.millrace("agent", allSources(tcp, several, udp, lines, store)).startAndAwait();
    logger(tcp, "-T", "--rfc3164", "tcp-3164");
    logger(tcp, "-T", "--rfc5424", "tcp-5424");
    logger(tcp, "-T", "--rfc5424", "--octet-count", "tcp-counted");
    logger(several, "-T", "--rfc5424", "several-5424");
    logger(udp, "-d", "--rfc3164", "udp-3164");
    logger(udp, "-d", "--rfc5424", "udp-5424");
    logger(lines, "-d", "--rfc5424", "netcat-udp");
    Conditions.await("all are stored", LIMIT, () -> Store.of(store).lineCount() >= 7);
    agent.stop();

    Map<String, Map<String, String>> events = new HashMap<>();
    StoredEvents.of(Store.of(store))
        .headersByBody()
        .forEach((body, headers) -> events.put(body.replaceAll(".* ", ""), headers));
    assertThat(events.keySet())
        .containsExactlyInAnyOrder(
            "tcp-3164",
            "tcp-5424",
            "tcp-counted",
            "several-5424",
            "udp-3164",
            "udp-5424",
            "netcat-udp");
    events.remove("netcat-udp");
    events.forEach(
        (text, headers) ->
            assertThat(headers)
                .as(text)
                .containsEntry("Facility", "1")
                .containsEntry("Severity", "5")
                .containsKeys("host", "timestamp")
                .doesNotContainKey("flume.syslog.status"));
    assertThat(events.get("several-5424")).containsEntry("Version", "1");
    assertThat(events.get("tcp-counted")).containsEntry("version", "1");
  }

  private void logger(int port, String... words) {
    String[] command = {
      "logger", "-n", "127.0.0.1", "-P", Integer.toString(port), "-p", "user.notice"
    };
    Tool.need(
        scene.directory(),
        java.util.stream.Stream.concat(Arrays.stream(command), Arrays.stream(words))
            .toArray(String[]::new));
  }

  // An orderly restart in the middle of a load: the agent announces the end of each connection and
  // reads what was sent, and the sender keeps the rest in its queue.
  @Test
  @Tag("long")
  void rsyslogLosesNothingByRestartsOfTheAgent() throws IOException {
    SyslogSender.assumeRsyslogIsThere();
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", durable(port, "", store)).startAndAwait();
    int sent = 0;
    try (SyslogSender sender = SyslogSender.rsyslog(scene, port)) {
      for (int round = 0; round < ROUNDS; round++) {
        sent = load(sender, sent);
        agent.stop();
        sent = load(sender, sent);
        agent.startAndAwait();
      }
      sent = load(sender, sent);
      awaitStored(store, sent, 0);
    }
    agent.stop();
    Map<String, Integer> stored = texts(store);
    assertThat(lost(stored, sent)).as("lost").isEmpty();
    int duplicates = stored.values().stream().mapToInt(times -> times - 1).sum();
    Scene.say("sent %d, lost 0, duplicates %d".formatted(sent, duplicates));
    // rsyslog sends again what it was at when it found the connection ended.
    assertThat(duplicates).isLessThanOrEqualTo(ROUNDS * RESENT_BY_RSYSLOG);
  }

  @Test
  @Tag("long")
  void syslogNgOverTlsLosesAtMostItsFirstMessagesByARestartOfTheAgent() throws IOException {
    new SyslogNgPackage().assumeHas(SyslogNgPackage.SYSLOG_NG);
    int port = Ports.free();
    Path store = scene.directory("store");
    Path key = Link.newKeyStore(scene.directory());
    String tls =
        """
        a1.sources.r1.ssl = true
        a1.sources.r1.keystore = %s
        a1.sources.r1.keystore-password = changeit
        a1.sources.r1.keystore-type = PKCS12
        """
            .formatted(key);
    AgentProcess agent = scene.millrace("agent", durable(port, tls, store)).startAndAwait();
    try (SyslogSender sender = SyslogSender.syslogNg(scene, port)) {
      int sent = load(sender, 0);
      agent.stop();
      sent = load(sender, sent);
      agent.startAndAwait();
      sent = load(sender, sent);
      awaitStored(store, sent, LOST_BY_SYSLOG_NG);
      awaitQuiet(store);
      Set<String> lost = lost(texts(store), sent);
      Scene.say("sent %d, lost %s".formatted(sent, lost));
      assertThat(lost).hasSizeLessThanOrEqualTo(LOST_BY_SYSLOG_NG);
    }
    agent.stop();
  }

  private static int load(SyslogSender sender, int from) {
    int sent = from;
    for (int step = 0; step < STEPS; step++) {
      sender.send(sent, sent + MESSAGES_A_STEP);
      sent += MESSAGES_A_STEP;
      long until = System.nanoTime() + PACE.toNanos();
      Conditions.await("the next step is due", LIMIT, () -> System.nanoTime() - until >= 0);
    }
    return sent;
  }

  /** Until nothing more comes: the sender's queue on disk goes out after what is in memory. */
  private static void awaitQuiet(Path store) {
    long[] last = {-1, System.nanoTime()};
    Conditions.await(
        "nothing more is stored",
        LIMIT.multipliedBy(2),
        Duration.ofMillis(500),
        () -> {
          int stored = Store.of(store).lineCount();
          if (stored != last[0]) {
            last[0] = stored;
            last[1] = System.nanoTime();
          }
          return System.nanoTime() - last[1] > QUIET.toNanos();
        });
  }

  private static void awaitStored(Path store, int sent, int lost) {
    try {
      Conditions.await(
          "all is stored", LIMIT, Duration.ofMillis(200), () -> texts(store).size() >= sent - lost);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError("lost: " + lost(texts(store), sent), e);
    }
  }

  /** How often each text is there, without what stands in front of it. */
  private static Map<String, Integer> texts(Path store) {
    Map<String, Integer> texts = new HashMap<>();
    Store.of(store)
        .lines()
        .forEach((line, times) -> texts.merge(line.replaceAll(".* ", ""), times, Integer::sum));
    return texts;
  }

  private static Set<String> lost(Map<String, Integer> stored, int sent) {
    Set<String> lost = new TreeSet<>();
    for (int i = 0; i < sent; i++) {
      if (!stored.containsKey("m" + i)) {
        lost.add("m" + i);
      }
    }
    return lost;
  }

  private String durable(int port, String more, Path store) {
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
        %s
        a1.sinks.store.channel = disk
        """
        .formatted(
            port,
            more,
            Confs.fileChannel("disk", scene.directory("state")),
            Confs.fileRoll("store", store));
  }

  private static String allSources(int tcp, int several, int udp, int lines, Path store) {
    return """
        a1.sources = tcp several udp lines
        a1.channels = c1
        a1.sinks = store
        a1.sources.tcp.type = syslogtcp
        a1.sources.tcp.host = 127.0.0.1
        a1.sources.tcp.port = %d
        a1.sources.tcp.channels = c1
        a1.sources.several.type = multiport_syslogtcp
        a1.sources.several.host = 127.0.0.1
        a1.sources.several.ports = %d
        a1.sources.several.channels = c1
        a1.sources.udp.type = syslogudp
        a1.sources.udp.host = 127.0.0.1
        a1.sources.udp.port = %d
        a1.sources.udp.channels = c1
        a1.sources.lines.type = netcatudp
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.remoteAddress = from
        a1.sources.lines.channels = c1
        a1.channels.c1.type = memory
        %s
        a1.sinks.store.sink.serializer = header_and_text
        a1.sinks.store.channel = c1
        """
        .formatted(tcp, several, udp, lines, Confs.fileRoll("store", store));
  }
}
