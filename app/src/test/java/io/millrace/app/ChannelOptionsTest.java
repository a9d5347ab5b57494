/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelOptions;
import io.millrace.api.DataSize;
import io.millrace.components.memory.ByteLimits;
import io.millrace.components.memory.MemoryChannelOptions;
import io.millrace.components.spillablememory.SpillableMemoryOptions;
import io.millrace.engine.config.Configuration;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of channel options as files have them, against those of Flume. */
class ChannelOptionsTest {
  @TempDir private Path directory;

  private Configuration load(String... channel) throws IOException {
    StringBuilder text = new StringBuilder("a1.channels = c1\na1.sinks = k1\n");
    text.append("a1.sinks.k1.type = null\na1.sinks.k1.channel = c1\na1.sinks.k1.batchSize = 1\n");
    for (String line : channel) {
      text.append("a1.channels.c1.").append(line).append('\n');
    }
    Path file = Files.writeString(directory.resolve("flume.conf"), text);
    return new ConfigurationLoader(
            Catalog.load(ChannelOptionsTest.class.getClassLoader()),
            new Environment(Map.of(), Map.of("user.home", "/home/u"), Clock.systemUTC()))
        .load(List.of(file));
  }

  private static <T extends ChannelOptions> T options(Class<T> type, Configuration configuration) {
    return type.cast(
        configuration
            .agent("a1", Strictness.STRICT)
            .agent()
            .orElseThrow()
            .channels()
            .get(0)
            .options());
  }

  private static List<String> problems(Configuration configuration) {
    return configuration.problems(Strictness.STRICT).stream().map(Problem::text).toList();
  }

  @Test
  void theDefaultsOfTheMemoryChannelAreThoseOfFlume() throws IOException {
    assertThat(options(MemoryChannelOptions.class, load("type = memory")))
        .isEqualTo(
            new MemoryChannelOptions(
                100, 100, Duration.ofSeconds(3), new ByteLimits(20, Optional.empty())));
  }

  @Test
  void everyOptionOfTheMemoryChannelIsRead() throws IOException {
    Configuration configuration =
        load(
            "type = memory",
            "capacity = 5000",
            "transactionCapacity = 500",
            "keep-alive = 7",
            "byteCapacityBufferPercentage = 30",
            "byteCapacity = 800000");

    assertThat(problems(configuration)).isEmpty();
    assertThat(options(MemoryChannelOptions.class, configuration))
        .isEqualTo(
            new MemoryChannelOptions(
                5000,
                500,
                Duration.ofSeconds(7),
                new ByteLimits(30, Optional.of(DataSize.ofBytes(800_000)))));
  }

  @ParameterizedTest
  @CsvSource({
    "capacity,0",
    "capacity,-5",
    "capacity,many",
    "transactionCapacity,0",
    "transactionCapacity,x",
    "keep-alive,-1",
    "keep-alive,x",
    "byteCapacityBufferPercentage,101",
    "byteCapacityBufferPercentage,x",
    "byteCapacity,-1",
    "byteCapacity,x"
  })
  void aValueThatCannotBeGivesWayToTheDefaultWithAWarning(String option, String value)
      throws IOException {
    Configuration configuration = load("type = memory", option + " = " + value);

    assertThat(options(MemoryChannelOptions.class, configuration))
        .isEqualTo(options(MemoryChannelOptions.class, load("type = memory")));
    assertThat(problems(configuration))
        .singleElement()
        .asString()
        .contains("flume.conf:7", "warning", "a1.channels.c1." + option, value);
  }

  @Test
  void theDefaultsOfTheSpillableChannelAreThoseOfFlume() throws IOException {
    SpillableMemoryOptions options =
        options(SpillableMemoryOptions.class, load("type = SPILLABLEMEMORY"));

    assertThat(options.memoryCapacity()).isEqualTo(10_000);
    assertThat(options.overflowCapacity()).isEqualTo(100_000_000);
    assertThat(options.overflowTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(options.overflowDeactivationThreshold()).isEqualTo(5);
    assertThat(options.transactionCapacity()).isEqualTo(10_000);
    assertThat(options.byteLimits()).isEqualTo(new ByteLimits(20, Optional.empty()));
    assertThat(options.avgEventSize()).isEqualTo(DataSize.ofBytes(500));
    assertThat(options.storage().checkpointDir())
        .isEqualTo(Path.of("/home/u/.flume/file-channel/checkpoint"));
    assertThat(options.storage().dataDirs())
        .containsExactly(Path.of("/home/u/.flume/file-channel/data"));
  }

  @Test
  void everyOptionOfTheSpillableChannelIsRead() throws IOException {
    Configuration configuration =
        load(
            "type = org.apache.flume.channel.SpillableMemoryChannel",
            "memoryCapacity = 5000",
            "overflowCapacity = 500000",
            "overflowTimeout = 4",
            "overflowDeactivationThreshold = 25",
            "transactionCapacity = 600",
            "byteCapacityBufferPercentage = 10",
            "byteCapacity = 50000000",
            "avgEventSize = 600",
            "checkpointDir = /c",
            "dataDirs = /d1,/d2",
            "checkpointInterval = 5000",
            "fsyncPerTransaction = false",
            "fsyncInterval = 2");

    assertThat(problems(configuration)).isEmpty();
    SpillableMemoryOptions options = options(SpillableMemoryOptions.class, configuration);
    assertThat(options.memoryCapacity()).isEqualTo(5000);
    assertThat(options.overflowCapacity()).isEqualTo(500_000);
    assertThat(options.overflowTimeout()).isEqualTo(Duration.ofSeconds(4));
    assertThat(options.overflowDeactivationThreshold()).isEqualTo(25);
    assertThat(options.transactionCapacity()).isEqualTo(600);
    assertThat(options.byteLimits())
        .isEqualTo(new ByteLimits(10, Optional.of(DataSize.ofBytes(50_000_000))));
    assertThat(options.avgEventSize()).isEqualTo(DataSize.ofBytes(600));
    assertThat(options.storage().checkpointDir()).isEqualTo(Path.of("/c"));
    assertThat(options.storage().dataDirs()).containsExactly(Path.of("/d1"), Path.of("/d2"));
    assertThat(options.storage().checkpointInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(options.storage().fsyncPerTransaction()).isFalse();
    assertThat(options.storage().fsyncInterval()).isEqualTo(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "memoryCapacity = -1",
        "overflowCapacity = x",
        "overflowTimeout = -3",
        "overflowDeactivationThreshold = 101",
        "avgEventSize = 0",
        "byteCapacity = x"
      })
  void theSpillableChannelFallsBackWithAWarningToo(String line) throws IOException {
    Configuration configuration = load("type = spillablememory", line);

    assertThat(options(SpillableMemoryOptions.class, configuration))
        .isEqualTo(options(SpillableMemoryOptions.class, load("type = spillablememory")));
    assertThat(problems(configuration)).singleElement().asString().contains("warning");
  }

  @ParameterizedTest
  @ValueSource(strings = {"capacity = 7", "keep-alive = 9"})
  void optionsOfTheFileChannelThatHaveNoEffectInTheSpillableOneAreAnswered(String line)
      throws IOException {
    assertThat(problems(load("type = spillablememory", line)))
        .singleElement()
        .asString()
        .contains("warning", "no effect");
  }

  @Test
  void aSpillableChannelWithoutAnyCapacityIsAnError() throws IOException {
    Configuration configuration =
        load("type = spillablememory", "memoryCapacity = 0", "overflowCapacity = 0");

    assertThat(problems(configuration)).anyMatch(text -> text.contains("both 0"));
  }
}
