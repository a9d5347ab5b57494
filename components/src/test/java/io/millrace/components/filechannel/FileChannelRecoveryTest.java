/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Origin;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import io.millrace.components.testing.ToyMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileChannelRecoveryTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path temporary;

  private final ToyMetrics metrics = new ToyMetrics();
  private final List<Channel> opened = new ArrayList<>();
  private ChannelDirectories directories;

  @BeforeEach
  void nameDirectories() {
    directories = new ChannelDirectories(temporary.resolve("channel"));
  }

  @AfterEach
  void stopChannels() throws Exception {
    for (Channel channel : opened) {
      channel.stop();
    }
  }

  private Channel build(FileChannelOptions options) {
    Channel channel = options.build(new ToyChannelContext("c1", metrics));
    opened.add(channel);
    return channel;
  }

  private Channel open(FileChannelOptions options) throws Exception {
    Channel channel = build(options);
    channel.start();
    return channel;
  }

  private Channel open(ChannelDirectories at) throws Exception {
    return open(at.options(1000, 100, LONG));
  }

  private static void append(Channel channel, EventBatch batch) throws Exception {
    channel.append(batch).get(60, TimeUnit.SECONDS);
  }

  private static List<String> drain(Channel channel) {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = channel.take(10, Long.MAX_VALUE);
        next != null;
        next = channel.take(10, Long.MAX_VALUE)) {
      try (Delivery delivery = next) {
        bodies.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    return bodies;
  }

  @Test
  void unacknowledgedEventsComeAgainAfterAnOrderlyStopWithTheSameOrigin() throws Exception {
    Channel before = open(directories);
    append(before, Events.numbered(0, 10));
    append(before, Events.numbered(10, 20));
    Origin origin;
    try (Delivery delivery = before.take(12, Long.MAX_VALUE)) {
      origin = delivery.origin();
      delivery.acknowledge(0, 5);
    }
    before.stop();

    Channel after = open(directories);

    assertThat(after.eventCount()).isEqualTo(15);
    try (Delivery delivery = after.take(7, Long.MAX_VALUE)) {
      assertThat(Events.bodies(delivery.batch())).isEqualTo(Events.numbers(5, 12));
      assertThat(delivery.origin())
          .usingRecursiveComparison()
          .ignoringFields("session", "floor", "isFresh")
          .isEqualTo(new Origin(origin.journal(), origin.lane(), origin.first() + 5, 7));
      assertThat(delivery.origin().session()).isNotEqualTo(origin.session());
      assertThat(delivery.origin().isFresh()).isFalse();
      assertThat(delivery.origin().isKnown()).isTrue();
    }
    assertThat(drain(after)).isEqualTo(Events.numbers(5, 20));
  }

  @Test
  void aFirstDeliveryIsFreshAndTheNextOneKnowsWhatIsAcknowledged() throws Exception {
    Channel channel = open(directories);
    append(channel, Events.numbered(0, 10));
    try (Delivery delivery = channel.take(4, Long.MAX_VALUE)) {
      assertThat(delivery.origin().isFresh()).isTrue();
      delivery.acknowledge();
    }
    channel.take(3, Long.MAX_VALUE).close();
    try (Delivery delivery = channel.take(3, Long.MAX_VALUE)) {
      assertThat(delivery.origin().isFresh()).isFalse();
      assertThat(delivery.origin().floor()).isLessThanOrEqualTo(delivery.origin().first());
    }
  }

  @Test
  void whatAPeerSendsAgainAfterACrashWasHad() throws Exception {
    Channel before = open(directories);
    appendOnce(before, 0, 20);
    appendOnce(before, 20, 30);

    Channel after = open(directories.crashedInto(temporary.resolve("crashed")));

    assertThat(appendOnce(after, 0, 10)).isEqualTo(Intake.HAD);
    assertThat(appendOnce(after, 15, 35)).isEqualTo(new Intake.Partly(List.of(30L)));
    assertThat(appendOnce(after, 30, 35)).isEqualTo(Intake.APPENDED);
    assertThat(drain(after)).isEqualTo(Events.numbers(0, 35));
  }

  @Test
  void whatAPeerSendsAgainAfterOrderlyStopsWasHadThoughAllIsDelivered() throws Exception {
    for (int i = 0; i < 3; i++) {
      Channel channel = open(directories);
      if (i == 0) {
        appendOnce(channel, 0, 20);
        drain(channel);
      }
      assertThat(appendOnce(channel, 5, 20)).isEqualTo(Intake.HAD);
      assertThat(channel.eventCount()).isZero();
      channel.stop();
    }
    assertThat(metrics.value("EventDuplicateCount")).isEqualTo(45);
  }

  @Test
  void aContestedSenderStaysSoAfterACrash() throws Exception {
    Channel before = open(directories);
    UUID copied = new UUID(3, 4);
    before.append(Events.numbered(0, 5), new Origin(copied, 0, 0, 5, 1, 0, false, "")).get();
    Origin other = new Origin(copied, 0, 0, 5, 2, 0, true, "");
    assertThat(before.append(Events.numbered(5, 10), other)).isCompletedExceptionally();
    assertThat(before.append(Events.numbered(5, 10), other.again()).get())
        .isEqualTo(Intake.APPENDED);

    Channel after = open(directories.crashedInto(temporary.resolve("crashed")));

    assertThat(metrics.value("SenderContestedCount")).isOne();
    assertThat(after.append(Events.numbered(10, 15), other.again()).get())
        .isEqualTo(Intake.APPENDED);
    assertThat(drain(after)).isEqualTo(Events.numbers(0, 15));
  }

  private static Intake appendOnce(Channel channel, int from, int to) throws Exception {
    return channel
        .append(Events.numbered(from, to), new Origin(new UUID(1, 2), 0, from, to - from))
        .get(60, TimeUnit.SECONDS);
  }

  @Test
  void whatWasAnsweredOutlivesACrash() throws Exception {
    Channel before = open(directories);
    append(before, Events.numbered(0, 50));
    try (Delivery delivery = before.take(10, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }
    append(before, Events.numbered(50, 60));

    Channel after = open(directories.crashedInto(temporary.resolve("crashed")));

    // An acknowledgement may be lost in a crash, an event may not.
    assertThat(drain(after)).endsWith(Events.numbers(10, 60).toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aDamagedFrameCostsItsOwnEventsAndNoOthers(int damaged) throws Exception {
    Channel before = open(directories);
    append(before, Events.of("first-frame", "a"));
    append(before, Events.of("second-frame", "b"));
    append(before, Events.of("third-frame", "c"));
    append(before, Events.of("fourth-frame", "d"));
    ChannelDirectories copy = directories.crashedInto(temporary.resolve("crashed"));
    List<String> names = List.of("first-frame", "second-frame", "third-frame");
    damage(copy.data(), names.get(damaged));

    Channel after = open(copy);

    List<String> expected = new ArrayList<>(List.of("first-frame", "a", "second-frame", "b"));
    expected.addAll(List.of("third-frame", "c", "fourth-frame", "d"));
    expected.subList(damaged * 2, damaged * 2 + 2).clear();
    assertThat(drain(after)).isEqualTo(expected);
    assertThat(metrics.value("EventLostCount")).isEqualTo(2);
    assertThat(after.eventCount()).isZero();
    append(after, Events.of("next"));
    assertThat(drain(after)).containsExactly("next");
  }

  /** Changes one byte of the text wherever it stands. */
  private static void damage(Path directory, String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    int changes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        byte[] content = Files.readAllBytes(file);
        String shown = new String(content, StandardCharsets.ISO_8859_1);
        int at = shown.indexOf(text);
        if (at >= 0) {
          content[at + wanted.length - 1] ^= 1;
          Files.write(file, content);
          changes++;
        }
      }
    }
    assertThat(changes).isEqualTo(1);
  }

  @Test
  void withoutItsCheckpointAChannelStartsWithEveryEvent() throws Exception {
    Channel before = open(directories);
    append(before, Events.numbered(0, 30));
    before.stop();
    try (Stream<Path> files = Files.list(directories.checkpoint())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }

    assertThat(drain(open(directories))).isEqualTo(Events.numbers(0, 30));
  }

  @Test
  void severalDataDirectoriesAreUsedAndRecoveredTogether() throws Exception {
    List<Path> dataDirs = List.of(temporary.resolve("d1"), temporary.resolve("d2"));
    FileChannelOptions options = directories.options(dataDirs, 1000, 100, LONG);
    Channel before = open(options);
    List<CompletableFuture<Void>> appends = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      appends.add(before.append(Events.numbered(i, i + 1)));
    }
    CompletableFuture.allOf(appends.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    assertThat(metrics.value("LanesServing")).isEqualTo(2);
    before.stop();

    assertThat(drain(open(options))).containsExactlyInAnyOrderElementsOf(Events.numbers(0, 100));
  }

  @Test
  void aBacklogAboveALoweredCapacityDrainsAndThenTakesAppendsAgain() throws Exception {
    Channel before = open(directories);
    append(before, Events.numbered(0, 20));
    before.stop();

    Channel after = open(directories.options(10, 10, Duration.ofMillis(200)));

    assertThat(after.eventCount()).isEqualTo(20);
    assertThatThrownBy(() -> append(after, Events.of("x")))
        .hasCauseInstanceOf(ChannelFullException.class);
    assertThat(drain(after)).isEqualTo(Events.numbers(0, 20));
    append(after, Events.of("y"));
  }

  @Test
  void aBatchLargerThanAFileIsKeptWhole() throws Exception {
    Channel before = open(directories);
    EventBatch large = Events.of("x".repeat(5 << 20), "small");
    append(before, large);
    before.stop();

    try (Delivery delivery = open(directories).take(10, Long.MAX_VALUE)) {
      assertThat(delivery.batch()).isEqualTo(large);
    }
  }

  @Test
  void directoriesInUseAreATransientFailureAndTheNextStartHasThem() throws Exception {
    Channel first = open(directories);
    Channel second = build(directories.options(1000, 100, LONG));

    assertThatThrownBy(second::start)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("in use");
    assertThat(metrics.value("Unhealthy")).isEqualTo(1);
    first.stop();
    second.start();
    append(second, Events.of("a"));

    assertThat(metrics.value("Unhealthy")).isZero();
    assertThat(metrics.value("Open")).isEqualTo(1);
    second.stop();
    assertThat(metrics.value("Closed")).isEqualTo(1);
  }

  @Test
  void aDirectoryThatCannotBeMadeIsAStorageFailure() throws Exception {
    Files.createDirectories(temporary.resolve("channel"));
    Files.writeString(directories.data(), "a file");

    assertThatThrownBy(() -> open(directories))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("c1")
        .hasMessageContaining(directories.data().toString());
  }

  @Test
  void beforeItsStartAChannelRefusesAppendsAndHasNoEvents() {
    Channel channel = build(directories.options(1000, 100, LONG));

    assertThatThrownBy(() -> append(channel, Events.of("a")))
        .hasCauseInstanceOf(TransientException.class);
    assertThat(channel.take(1, 1)).isNull();
    assertThat(channel.eventCount()).isZero();
  }

  @Test
  void directoriesThatAreTheSameAreAConfigurationError() {
    Path data = directories.data();
    assertThatThrownBy(() -> directories.options(List.of(data, data), 1000, 100, LONG))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("all different");
    assertThatThrownBy(
            () -> directories.options(List.of(directories.checkpoint()), 1000, 100, LONG))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void directoriesInsideOneAnotherAreAConfigurationError() {
    Path inside = directories.checkpoint().resolve("data");
    assertThatThrownBy(() -> directories.options(List.of(inside), 1000, 100, LONG))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(inside + " lies inside " + directories.checkpoint());
    assertThatThrownBy(() -> directories.options(List.of(directories.root()), 1000, 100, LONG))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("lies inside " + directories.root());
  }

  @Test
  void directoriesThatLinksLeadIntoOneAnotherAreRefusedAndNotTouched() throws Exception {
    Files.createDirectories(directories.checkpoint());
    Path link = Files.createSymbolicLink(temporary.resolve("link"), directories.checkpoint());
    Channel channel = build(directories.options(List.of(link.resolve("data")), 1000, 100, LONG));

    assertThatThrownBy(channel::start)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("lies inside " + directories.checkpoint().toRealPath());
    try (Stream<Path> all = Files.list(directories.checkpoint())) {
      assertThat(all).isEmpty();
    }
  }

  @Test
  void directoriesInsideOrAroundThoseOfAnotherChannelAreRefusedAndNotTouched() throws Exception {
    Channel first = open(directories);
    Path inside = directories.data().resolve("data");
    Channel second =
        build(
            new ChannelDirectories(temporary.resolve("other"))
                .options(List.of(inside), 1000, 100, LONG));
    assertThatThrownBy(second::start)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("lies inside " + directories.data().toRealPath());
    assertThat(inside).doesNotExist();
    Channel third =
        build(
            new ChannelDirectories(temporary.resolve("other"))
                .options(List.of(directories.root()), 1000, 100, LONG));
    assertThatThrownBy(third::start)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is around");
    first.stop();
  }

  @Test
  void aDirectoryOfSomethingElseIsRefusedAndNotTouched() throws Exception {
    Path file = directories.data().resolve("customers.db");
    Files.createDirectories(directories.data());
    Files.writeString(file, "theirs");

    assertThatThrownBy(() -> open(directories))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("customers.db");
    try (Stream<Path> all = Files.list(directories.data())) {
      assertThat(all).containsExactly(file);
    }
  }

  @Test
  void aTransactionLargerThanTheChannelIsAConfigurationError() {
    assertThatThrownBy(() -> directories.options(10, 11, LONG))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("11");
  }
}
