/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.components.testing.GatedOutput.Gate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every source keeps: what it has taken over from a sender reaches the channels, whatever they
 * and the operator do meanwhile. A test class of a source extends this one and gives its fixture.
 * What holds through SIGKILL is shown on the packaged command: {@code EverySourceKilledTest}.
 */
@Timeout(300)
public abstract class SourceContract {
  private static final Duration LONG = Duration.ofSeconds(60);

  /** In which a source that goes on after its stop would show it. */
  private static final Duration QUIET = Duration.ofMillis(500);

  /** Without an answer of the channels a stop that waits for one never ends. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final GatedOutput output = new GatedOutput();
  private final ToyMetrics metrics = new ToyMetrics();
  private final List<Source> built = new ArrayList<>();
  @TempDir private Path directory;
  private SourceFixture fixture;
  private Source source;

  /** How long is waited for what has to come. */
  protected Duration patience() {
    return LONG;
  }

  /** How long a stop may take. */
  protected Duration stopLimit() {
    return STOP_LIMIT;
  }

  /** A fixture that keeps its files in this directory. */
  protected abstract SourceFixture fixture(Path directory) throws Exception;

  @BeforeEach
  void makeFixture() throws Exception {
    fixture = fixture(directory);
  }

  @AfterEach
  void stopAll() throws Exception {
    output.set(Gate.OPEN);
    for (Source each : built) {
      each.stop();
    }
    fixture.close();
  }

  /** What a source is built with. Immutable. */
  private record Context(Output output, Metrics metrics) implements SourceContext {
    @Override
    public String agent() {
      return "toy";
    }

    @Override
    public String name() {
      return "under-contract";
    }

    @Override
    public ThreadFactory threads(String role) {
      return ToyThreads.named("toy/source/under-contract/" + role);
    }
  }

  private Source build() throws Exception {
    source = fixture.build(new Context(output, metrics));
    built.add(source);
    return source;
  }

  private void buildAndStart() throws Exception {
    build();
    // As the engine does: a port that is not free yet, a file that is not there yet.
    await()
        .atMost(patience())
        .ignoreExceptionsInstanceOf(TransientException.class)
        .until(
            () -> {
              source.start();
              return true;
            });
  }

  private void offerAll(Offering offering) {
    await().atMost(patience()).until(offering::isDone);
    await().atMost(patience()).until(() -> output.taken().keySet().containsAll(offering.owed()));
  }

  /** When the source ran all the time: also what its senders were never told of is there. */
  private void awaitAll(Offering offering) {
    offerAll(offering);
    if (fixture.holdsItsSendersBack()) {
      await()
          .atMost(patience())
          .until(() -> output.taken().keySet().containsAll(offering.offered()));
    }
  }

  /** The same of a source that has just been started, and senders that are no burden to it. */
  private void awaitLife(Offering offering) {
    awaitAll(offering);
    if (!fixture.isGenerator()) {
      await()
          .atMost(patience())
          .until(() -> offering.offered().stream().anyMatch(output.taken()::containsKey));
    }
  }

  private void assertNothingInvented(Offering offering) {
    if (!fixture.isGenerator()) {
      assertThat(output.taken().keySet().stream().filter(body -> !fixture.isOfGarbage(body)))
          .as("taken by the channels")
          .isSubsetOf(offering.offered());
    }
  }

  @Test
  void whatIsOfferedArrivesOnce() throws Exception {
    buildAndStart();
    try (Offering offering = new Offering(fixture, 0, 300)) {
      awaitAll(offering);
      await().atMost(patience()).until(() -> output.distinctCount() > 0);
      assertNothingInvented(offering);
      if (!fixture.isGenerator()) {
        assertThat(output.taken().values()).as("how often each arrived").containsOnly(1);
      }
      if (!fixture.isUnanswered()) {
        assertThat(offering.owed()).as("taken over").hasSizeGreaterThanOrEqualTo(1);
      }
    }
  }

  @Test
  void startAndStopComeInAnyOrder() throws Exception {
    build().stop();
    build().start();
    source.stop();
    source.stop();
    build().stop();
    buildAndStart();
    try (Offering offering = new Offering(fixture, 0, 50)) {
      awaitLife(offering);
    }
    source.stop();
    int taken = output.eventCount();
    try (Offering late = new Offering(fixture, 50, 60)) {
      await()
          .during(QUIET)
          .atMost(patience())
          .until(() -> !late.offered().isEmpty() && output.eventCount() >= taken);
      source.stop();
      assertThat(output.eventCount()).as("taken after the stop").isEqualTo(taken);
    }
  }

  @Test
  void nothingIsLostWhileTheChannelsAreFull() throws Exception {
    output.set(Gate.FULL);
    buildAndStart();
    try (Offering offering = new Offering(fixture, 0, 200)) {
      await().atMost(patience()).until(() -> output.refusals() >= 3);
      assertThat(output.eventCount()).isZero();
      output.set(Gate.OPEN);
      awaitAll(offering);
      output.set(Gate.FULL);
      try (Offering more = new Offering(fixture, 200, 300)) {
        int before = output.refusals();
        await().atMost(patience()).until(() -> mayBeOver(more) || output.refusals() > before);
        output.set(Gate.OPEN);
        awaitAll(more);
      }
    }
  }

  /** Whether nothing need be refused any more: all was made or sent before the channels filled. */
  private boolean mayBeOver(Offering offering) {
    return fixture.isGenerator() || (fixture.isUnanswered() && offering.isDone());
  }

  @Test
  void nothingIsLostWhenItIsRestartedInTheMiddle() throws Exception {
    buildAndStart();
    try (Offering offering = new Offering(fixture, 0, 1_500)) {
      for (int restart = 0; restart < 4; restart++) {
        int before = output.eventCount();
        await()
            .atMost(patience())
            .until(() -> output.eventCount() > before + 20 || offering.isDone());
        source.stop();
        buildAndStart();
      }
      offerAll(offering);
      assertNothingInvented(offering);
    }
    awaitNews(1_500);
  }

  /** Whoever is told nothing sees only by new events that the source is well. */
  private void awaitNews(int from) throws Exception {
    try (Offering news = new Offering(fixture, from, from + 50)) {
      awaitLife(news);
    }
  }

  @Test
  @Tag("long")
  void aStopEndsInTimeThoughTheChannelsDoNotAnswer() throws Exception {
    output.set(Gate.SILENT);
    buildAndStart();
    try (Offering offering = new Offering(fixture, 0, 100)) {
      await().atMost(patience()).until(() -> output.batchesWaiting() > 0);
      long beginNanos = System.nanoTime();
      source.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - beginNanos)).isLessThan(stopLimit());
      output.set(Gate.OPEN);
      buildAndStart();
      offerAll(offering);
      assertNothingInvented(offering);
    }
    awaitNews(100);
  }

  @Test
  void badInputHarmsNoGoodInput() throws Exception {
    buildAndStart();
    try (Offering offering = new Offering(fixture, 0, 200)) {
      for (int i = 0; i < 5; i++) {
        try {
          fixture.offerGarbage();
        } catch (IOException e) {
          // The source may well end the connection.
          assertThat(e).isNotNull();
        }
      }
      awaitLife(offering);
      assertNothingInvented(offering);
    }
  }

  /** Eight senders that read no answer, sixteen megabytes, and channels that give none. */
  @Test
  void aFloodWaitsOutsideWithinABound() throws Exception {
    output.set(Gate.SILENT);
    buildAndStart();
    List<Thread> senders = new ArrayList<>();
    for (int sender = 0; sender < 8; sender++) {
      int first = sender * 2_000;
      Thread thread = ToyThreads.named("flood").newThread(() -> flood(first, 2_000));
      thread.start();
      senders.add(thread);
    }
    await().atMost(patience()).until(() -> output.batchesWaiting() > 0);
    await()
        .during(Duration.ofMillis(500))
        .atMost(patience())
        .until(() -> output.maxBytesWaiting() <= fixture.maxBytesInFlight());
    output.set(Gate.OPEN);
    try (Offering offering = new Offering(fixture, 0, 50)) {
      awaitAll(offering);
    }
    assertThat(output.maxBytesWaiting())
        .as("bytes that waited for the channels")
        .isLessThanOrEqualTo(fixture.maxBytesInFlight());
    source.stop();
    fixture.close();
    for (Thread sender : senders) {
      sender.join(patience().toMillis());
    }
  }

  private void flood(int first, int count) {
    List<String> bodies = new ArrayList<>();
    for (int number = first; number < first + count; number++) {
      bodies.add(fixture.body(number) + " " + "z".repeat(1_000));
    }
    try {
      fixture.flood(bodies);
    } catch (IOException e) {
      // The source or the test has ended the connection.
      assertThat(Map.of("flood", e)).isNotEmpty();
    }
  }
}
