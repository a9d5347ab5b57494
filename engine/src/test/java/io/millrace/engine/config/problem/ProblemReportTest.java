/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemReportTest {
  private static final Problem ERROR =
      new Problem(
          Severity.ERROR,
          new Place("flume.conf", 12),
          "a1.sources.r1.port",
          "44x44",
          "'44x44' is not a number (expected: a number from 0 to 65535)",
          "Write digits.");
  private static final Problem WARNING =
      new Problem(Severity.WARNING, Place.NOWHERE, "", "", "nobody knows", "");

  @Test
  void aProblemHasOneFormOfText() {
    assertThat(ERROR.text())
        .isEqualTo(
            "flume.conf:12: error: a1.sources.r1.port: '44x44' is not a number (expected: a number"
                + " from 0 to 65535). Write digits.");
    assertThat(WARNING.text()).isEqualTo("warning: nobody knows.");
  }

  @Test
  void theReportEndsWithASummary() {
    assertThat(new ProblemReport(List.of(ERROR, ERROR, WARNING)).plain())
        .isEqualTo(
            ERROR.text() + "\n" + ERROR.text() + "\n" + WARNING.text() + "\n2 errors, 1 warning\n");
    assertThat(new ProblemReport(List.of()).plain()).isEqualTo("no problems\n");
  }

  @Test
  void coloursComeOnlyWhenAskedFor() {
    ProblemReport report = new ProblemReport(List.of(ERROR));
    assertThat(report.plain()).doesNotContain("\u001b");
    assertThat(report.coloured()).contains("\u001b[1;31merror:\u001b[0m a1.sources.r1.port");
  }

  @Test
  void controlCharactersOfAFileNeverReachATerminal() {
    Problem hostile =
        new Problem(Severity.HINT, new Place("f", 1), "a\u001b[2J", "", "x\ny\u202ez\u0085", "r\r");
    assertThat(hostile.text())
        .isEqualTo("f:1: hint: a\\u001b[2J: x\\u000ay\\u202ez\\u0085. r\\u000d");
  }
}
