/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Delivery;
import io.millrace.components.filechannel.codec.CompressionKind;
import io.millrace.components.filechannel.codec.EncryptionOptions;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import io.millrace.components.testing.ToyMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file channel that keeps two copies, and the loss of either. */
final class TwoCopiesTest {
  @TempDir Path temporary;

  private final ToyMetrics metrics = new ToyMetrics();

  private Channel open(FileChannelOptions options) throws Exception {
    Channel channel = options.build(new ToyChannelContext("c1", metrics));
    channel.start();
    return channel;
  }

  private static List<String> drain(Channel channel) {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = channel.take(10, Long.MAX_VALUE);
        next != null;
        next = channel.take(10, Long.MAX_VALUE)) {
      bodies.addAll(Events.bodies(next.batch()));
      next.acknowledge();
      next.close();
    }
    return bodies;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data0", "data1"})
  void eitherDirectoryMayBeLostAndComesBackWhole(String lost) throws Exception {
    ChannelDirectories directories = new ChannelDirectories(temporary.resolve("channel"));
    Channel channel = open(directories.twoCopies());
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      channel.append(Events.of("event " + i)).get(60, TimeUnit.SECONDS);
      expected.add("event " + i);
    }
    channel.stop();
    delete(directories.root().resolve(lost));
    Channel after = open(directories.twoCopies());
    await().until(() -> metrics.value("CopiesMissing") == 0);
    after.append(Events.of("later")).get(60, TimeUnit.SECONDS);
    expected.add("later");
    after.stop();
    // The one that was brought up to date has to do alone now.
    delete(directories.root().resolve(lost.equals("data0") ? "data1" : "data0"));
    Channel last = open(directories.twoCopies());
    assertThat(drain(last)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(metrics.value("EventLostCount")).isZero();
    last.stop();
  }

  @Test
  void twoCopiesNeedTwoDirectories() {
    Path root = temporary.resolve("one");
    assertThatThrownBy(
            () ->
                new StorageOptions(
                    root.resolve("checkpoint"),
                    List.of(root.resolve("data")),
                    Duration.ofSeconds(30),
                    Optional.empty(),
                    io.millrace.api.DataSize.ofMebibytes(1),
                    true,
                    Duration.ofSeconds(5),
                    true,
                    false,
                    Optional.empty(),
                    false,
                    false,
                    false,
                    EncryptionOptions.none(),
                    CompressionKind.NONE,
                    2,
                    true))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.option()).isEqualTo("millrace.copies"));
  }
}
