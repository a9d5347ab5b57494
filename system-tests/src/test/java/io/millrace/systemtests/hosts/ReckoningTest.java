/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.hosts.Reckoning.Marks;
import io.millrace.systemtests.hosts.Reckoning.Sum;
import org.junit.jupiter.api.Test;

/** That the oracle of the test on several hosts sees what is lost and what comes twice. */
final class ReckoningTest {
  private final Reckoning reckoning = new Reckoning();

  ReckoningTest() {
    reckoning.open("a");
    reckoning.open("b");
  }

  @Test
  void whatIsLostOrComesTwiceBelongsToTheStepInWhichItWasMade() {
    reckoning.beginStep("first");
    deliver("a", 10);
    reckoning.beginStep("second");
    int lost = acknowledge("a", 3);
    int twice = deliver("b", 5);
    reckoning.stored(Reckoning.line("b", twice));
    reckoning.send("b", 2);
    reckoning.beginStep("third");
    deliver("b", 1);

    assertThat(reckoning.sums())
        .containsEntry("first", new Sum(10, 0, 0, 0))
        .containsEntry("second", new Sum(8, 2, 3, 1))
        .containsEntry("third", new Sum(1, 0, 0, 0));
    assertThat(reckoning.examplesOfOwed())
        .containsExactly("a " + lost, "a " + (lost + 1), "a " + (lost + 2));
  }

  @Test
  void theFlowHasResumedOnceANewEventOfEveryClientIsAcknowledgedAndStored() {
    reckoning.send("a", 4);
    Marks fault = reckoning.marks();
    // What was sent before does not count, nor what has only one of both.
    reckoning.acknowledged("a", 4);
    reckoning.stored(Reckoning.line("a", 4));
    acknowledge("a", 1);
    deliver("b", 1);
    assertThat(reckoning.heldUpSince(fault, 1)).containsExactly("a");

    deliver("a", 1);
    assertThat(reckoning.heldUpSince(fault, 1)).isEmpty();
    assertThat(reckoning.owed(reckoning.marks())).isEqualTo(1);
  }

  @Test
  void aLineThatNobodySentOrThatIsCutShortIsInvented() {
    reckoning.send("a", 1);
    String line = Reckoning.line("a", 1);
    reckoning.stored(line.substring(1));
    reckoning.stored(line.substring(0, line.length() - 1));
    reckoning.stored(Reckoning.line("a", 2));
    reckoning.stored(Reckoning.line("c", 1));
    assertThat(reckoning.invented()).hasSize(4);
  }

  private int acknowledge(String stream, int count) {
    int first = reckoning.send(stream, count);
    for (int number = first; number < first + count; number++) {
      reckoning.acknowledged(stream, number);
    }
    return first;
  }

  private int deliver(String stream, int count) {
    int first = acknowledge(stream, count);
    for (int number = first; number < first + count; number++) {
      reckoning.stored(Reckoning.line(stream, number));
    }
    return first;
  }
}
