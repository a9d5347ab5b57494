/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What is to become of a run of events that a sender sends. */
sealed interface Verdict
    permits Claim, Verdict.Had, Verdict.Late, Verdict.Partly, Verdict.UnderWay {
  Verdict HAD = new Had();
  Verdict LATE = new Late();

  /** The channel has all of them. */
  record Had() implements Verdict {}

  /**
   * The channel has all of them, or they are on their way, though they claim to be sent for the
   * first time: to be refused, neither appended nor taken for had.
   */
  record Late() implements Verdict {}

  /**
   * The channel has a part, or a part is on its way.
   *
   * @param cuts where the run is to be cut, within it
   */
  record Partly(List<Long> cuts) implements Verdict {}

  /**
   * All of them are on their way in by another append.
   *
   * @param settled completes, never exceptionally, when it is known what became of it
   */
  record UnderWay(CompletableFuture<Void> settled) implements Verdict {}
}
