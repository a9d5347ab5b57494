/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.List;

/**
 * What a channel has made of events whose origin is known.
 *
 * @since 0.1
 */
public sealed interface Intake {
  Intake APPENDED = new Appended();
  Intake HAD = new Had();

  /** The events are in the channel. */
  record Appended() implements Intake {}

  /** The channel had them before, each of them; nothing was appended. */
  record Had() implements Intake {}

  /**
   * The channel had a part of them; nothing was appended. The run is to be cut before each of these
   * sequences and appended piece by piece: a piece it had wholly or not at all.
   *
   * @param cuts rising, all within the run
   */
  record Partly(List<Long> cuts) implements Intake {
    public Partly {
      cuts = List.copyOf(cuts);
      if (cuts.isEmpty()) {
        throw new IllegalArgumentException("cuts: none (expected: one at least)");
      }
    }
  }
}
