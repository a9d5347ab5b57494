/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FlowTest {
  private static final Path DIRECTORY = Path.of("/d");

  @Test
  void theSinkIsWhatWasAskedForOrNotThere() {
    assertThat(new Flow(DIRECTORY, 4141, 100, new Flow.NullSink()).text())
        .contains("a1.sinks = k1", "a1.sinks.k1.type = null", "a1.channels.c1.capacity = 100");
    assertThat(new Flow(DIRECTORY, 4141, 100, new Flow.AvroSink(99)).text())
        .contains("a1.sinks.k1.type = avro", "a1.sinks.k1.port = 99");
    assertThat(new Flow(DIRECTORY, 4141, 100, new Flow.NoSink()).text())
        .contains("a1.sources.r1.port = 4141", "/d/checkpoint")
        .doesNotContain("sink");
  }

  @Test
  void eventsWaitOnDiskOrInMemoryAndEndInFilesIfAsked() {
    Flow memory = new Flow(DIRECTORY, 1, 100, Flow.Channel.MEMORY, new Flow.FileRollSink());
    assertThat(memory.text())
        .contains("c1.type = memory", "c1.capacity = 100", "sink.directory = /d/rolled")
        .doesNotContain("checkpoint");
  }

  @Test
  void aChannelHasRoomForAnEventAtLeast() {
    assertThatThrownBy(() -> new Flow(DIRECTORY, 1, 0, new Flow.NoSink()))
        .hasMessageContaining("capacity: 0 (expected: 1 to ");
  }
}
