/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import static io.millrace.app.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.runtime.Agent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The watch on an agent of real components. */
class AgentWatchTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Searches for deadlocks. */
  private static final Duration OFTEN = Duration.ofMillis(100);

  @TempDir private Path directory;
  private Agent agent;
  private AgentWatch watch;

  @AfterEach
  void stop() {
    if (watch != null) {
      watch.close();
    }
    if (agent != null) {
      agent.stop(Duration.ofSeconds(5));
    }
  }

  @Test
  void anAgentBecomesReadyOnceItIsStartedAndIsNotAnyMoreWhenItStops() throws IOException {
    create("seq", "null");
    assertThat(watch.health().unreadyReasons(Optional.empty())).contains("the agent is starting");

    agent.start();
    await().atMost(LIMIT).until(() -> watch.health().isReady());
    watch.stopping();

    assertThat(watch.health().unreadyReasons(Optional.empty()))
        .containsExactly("the agent is told to stop");
    assertThat(watch.health().isLive()).as("it works until the end").isTrue();
  }

  @Test
  void whatGoesThroughAComponentIsItsProgress() throws IOException {
    create("seq", "null");
    agent.start();

    for (String key : List.of("SOURCE.r1", "CHANNEL.c1", "SINK.k1")) {
      await().atMost(LIMIT).until(() -> component(key).lastProgress().isPresent());
    }
    assertThat(component("CHANNEL.c1").fill().orElseThrow().capacityEvents()).isEqualTo(100);
    assertThat(component("SOURCE.r1").type()).isEqualTo("seq");
    assertThat(component("SOURCE.r1").feeds()).containsExactly("c1");
  }

  /** Goal: threads that wait for each other are found, named, and forgotten once they are free. */
  @Test
  void aDeadlockIsTheEndOfLiveliness() throws Exception {
    create("seq", "null");
    agent.start();
    ReentrantLock left = new ReentrantLock();
    ReentrantLock right = new ReentrantLock();
    CountDownLatch bothHold = new CountDownLatch(2);
    Thread one = lockBoth("left-first", left, right, bothHold);
    Thread other = lockBoth("right-first", right, left, bothHold);
    try {
      await().atMost(LIMIT).until(() -> !watch.health().isLive());
      assertThat(watch.health().deadReasons())
          .singleElement()
          .asString()
          .contains("left-first", "right-first");
      assertThat(watch.health().isReady()).isFalse();
    } finally {
      one.interrupt();
      other.interrupt();
      one.join();
      other.join();
    }
    await().atMost(LIMIT).until(() -> watch.health().isLive());
  }

  private static Thread lockBoth(
      String name, ReentrantLock first, ReentrantLock second, CountDownLatch bothHold) {
    Thread thread =
        new Thread(
            () -> {
              first.lock();
              try {
                bothHold.countDown();
                bothHold.await();
                second.lockInterruptibly();
                second.unlock();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                first.unlock();
              }
            },
            name);
    thread.start();
    return thread;
  }

  private ComponentHealth component(String key) {
    return watch.health().components().stream()
        .filter(component -> component.key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private void create(String source, String sink) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("flume.conf"),
            """
            a1.sources = r1
            a1.channels = c1
            a1.sinks = k1
            a1.sources.r1.type = %s
            a1.sources.r1.totalEvents = 1000
            a1.sources.r1.channels = c1
            a1.channels.c1.type = memory
            a1.sinks.k1.type = %s
            a1.sinks.k1.channel = c1
            """
                .formatted(source, sink));
    AgentResult result =
        new ConfigurationLoader(
                Catalog.load(AgentWatchTest.class.getClassLoader()), Environment.ofProcess())
            .load(List.of(file))
            .agent("a1", Strictness.STRICT);
    agent = Agent.create(result.agent().orElseThrow());
    watch = AgentWatch.start(agent, OFTEN);
  }
}
