/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  private static final List<String> NAMES =
      List.of(
          "sources",
          "channels",
          "sinks",
          "hdfs.fileType",
          "hdfs.filePrefix",
          "serializer",
          "sink.rollInterval",
          "transactionCapacity",
          "batchSize",
          "keywords",
          "k1",
          "kafka.bootstrap.servers",
          "syncIntervalBytes");

  @ParameterizedTest
  @CsvSource({
    "souces, sources",
    "source, sources",
    "SINKS, sinks",
    "fileType, hdfs.fileType",
    "filePreffix, hdfs.filePrefix",
    "hdfs.serializer, serializer",
    "rollInterval, sink.rollInterval",
    "transactionCapactiy, transactionCapacity",
    "batch.size, batchSize",
    "batch-size, batchSize",
    "keyword, keywords",
    "bootstrap.servers, kafka.bootstrap.servers",
    "syncInterval, syncIntervalBytes"
  })
  void findsWhatWasMeant(String word, String meant) {
    assertThat(NearestName.of(word, NAMES)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"processor", "k2", "x", "idleTimeout"})
  void saysNothingWhenNothingIsNear(String word) {
    assertThat(NearestName.of(word, NAMES)).isEmpty();
  }

  @Test
  void aSwapOfNeighboursIsOneSlip() {
    assertThat(NearestName.distance("abcd", "abdc")).isEqualTo(1);
    assertThat(NearestName.distance("", "abc")).isEqualTo(3);
    assertThat(NearestName.distance("kitten", "sitting")).isEqualTo(3);
  }
}
