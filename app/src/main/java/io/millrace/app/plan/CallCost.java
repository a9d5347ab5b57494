/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.util.ArrayList;
import java.util.List;

/** What smaller calls cost beyond those of 1,000 events. Stateless. */
final class CallCost {
  private CallCost() {}

  /** CPU time that calls of fewer than 1,000 events take beyond those, by a million events. */
  static double beyond(PlanInput input, Measured measured) {
    return measured.value(constant(input)) - measured.value("cpu-1000-a-call");
  }

  private static String constant(PlanInput input) {
    return "cpu-" + input.batchEvents() + "-a-call";
  }

  /** And those of small calls, where there are any. */
  static String[] constants(PlanInput input, String... constants) {
    List<String> all = new ArrayList<>(List.of(constants));
    if (input.batchEvents() != 1000) {
      all.add(constant(input));
      all.add("cpu-1000-a-call");
    }
    return all.toArray(String[]::new);
  }

  static String text(PlanInput input, Measured measured) {
    return input.batchEvents() == 1000
        ? ""
        : " + "
            + Units.plain(measured.value(constant(input)))
            + " - "
            + Units.plain(measured.value("cpu-1000-a-call"));
  }
}
