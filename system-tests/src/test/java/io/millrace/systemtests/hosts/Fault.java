/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Something that happens to the site, and how it ends. Immutable.
 *
 * @param name its row in the table
 * @param resumption what the time to resume is counted from
 * @param held how long it lasts; zero when it has no end, or the product sees to it alone
 * @param isOvercome what must have been done about it before the flow counts as resumed
 * @param inFlight asked just before it happens: how many events may come twice because of it,
 *     besides those that sinks say they had to send again
 */
record Fault(
    String name,
    Resumption resumption,
    Duration held,
    Runnable inflict,
    Runnable heal,
    BooleanSupplier isOvercome,
    LongSupplier inFlight) {

  enum Resumption {
    /** There is another way, or the process is started again: from the fault itself. */
    BY_ITSELF,
    /** Nothing can get through for some client before it has ended: from its end. */
    AFTER_ITS_END
  }

  /** One that ends by itself. */
  static Fault passing(String name, Runnable inflict, LongSupplier inFlight) {
    return new Fault(
        name, Resumption.BY_ITSELF, Duration.ZERO, inflict, () -> {}, () -> true, inFlight);
  }

  /** One that somebody does something about. */
  static Fault overcome(String name, Runnable inflict, BooleanSupplier isOvercome) {
    return new Fault(
        name, Resumption.BY_ITSELF, Duration.ZERO, inflict, () -> {}, isOvercome, () -> 0);
  }

  /** One that lasts for a while. */
  static Fault lasting(
      String name, Resumption resumption, Duration held, Runnable inflict, Runnable heal) {
    return new Fault(name, resumption, held, inflict, heal, () -> true, () -> 0);
  }
}
