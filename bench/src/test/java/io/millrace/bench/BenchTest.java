/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class BenchTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "channel --loads B1_C4,B1000_C32 --rounds 3 --flume-rounds 1 --drain-seconds 5",
        "fill --loads B100_C4 --max-events 1000 --seconds 1 --warm-up 0",
        "drain --events 1000 --body-bytes 10 --limit-seconds 3 --products FLUME",
        "kafka-drain --batches 100 --promises EXACTLY_ONCE --limit-seconds 3",
        "restart --kinds KILLED,EMPTY --flume-limit-seconds 600 --heap 512m",
        "backlog --events 1000 --heap-mib 64 --sample-millis 200",
        "first-flow --loads PIPELINED --jfr --jvm-option -XX:+UseSerialGC"
      })
  void commandsTakeTheirOptions(String line) {
    CommandLine.ParseResult result = Bench.commandLine().parseArgs(line.split(" "));

    assertThat(result.subcommand().errors()).isEmpty();
    assertThat(result.subcommand().unmatched()).isEmpty();
  }

  @Test
  void aLoadThatDoesNotExistIsAnsweredWithThoseThatDo() {
    assertThatThrownBy(() -> Bench.commandLine().parseArgs("channel", "--loads", "B7_C7"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("B7_C7")
        .hasMessageContaining("B1000_C4, B1000_C32, B100_C4");
  }

  @Test
  void helpNamesEveryCommand() {
    StringWriter text = new StringWriter();
    Bench.commandLine().usage(new PrintWriter(text, true));

    assertThat(text.toString()).contains("channel", "fill", "drain", "restart", "backlog");
  }
}
