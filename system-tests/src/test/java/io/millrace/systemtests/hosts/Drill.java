/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.hosts.Fault.Resumption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Makes faults to a site under load, one at a time, and takes the times. Confined to one thread.
 */
final class Drill {
  /** The flow must have resumed within this. Much more than it takes: machines may be slow. */
  static final Duration LIMIT = Duration.ofMinutes(2);

  private final Site site;
  private final Reckoning reckoning;
  private final FlowWatch flow;

  /**
   * What a fault came to.
   *
   * @param resumed after how long events of all clients got through again
   * @param pause the longest time in which nothing of some client got through
   * @param inDoubt events that may have come twice because of it: those whose answers were lost
   */
  record Result(Fault fault, Duration resumed, Duration lasted, Duration pause, long inDoubt) {}

  /** How many events an agent had to send again in the life of this process. */
  private record Retries(Optional<ProcessHandle> process, long events) {
    /** When it has died since, what it had in flight and not noted is in doubt as well. */
    long since(Retries earlier) {
      if (!process.equals(earlier.process)) {
        return events + Faults.IN_FLIGHT_AT_AN_AGENT;
      }
      // A sink that a reload has started anew counts from zero.
      return events < earlier.events ? events : events - earlier.events;
    }
  }

  Drill(Site site, Reckoning reckoning, FlowWatch flow) {
    this.site = site;
    this.reckoning = reckoning;
    this.flow = flow;
  }

  /** Makes it, waits for the flow to resume, ends it, and waits until nothing is owed. */
  Result make(Fault fault) {
    reckoning.beginStep(fault.name());
    flow.awaitSteady(LIMIT);
    Map<String, Retries> before = retries();
    long inFlight = fault.inFlight().getAsLong();
    fault.inflict().run();
    long begin = System.nanoTime();
    Conditions.await(
        "something is done about: " + fault.name(), LIMIT, () -> fault.isOvercome().getAsBoolean());
    Duration resumed = Duration.ZERO;
    if (fault.resumption() == Resumption.BY_ITSELF) {
      resumed = flow.awaitResumed(fault.name(), begin, LIMIT);
    }
    Conditions.await(
        fault.name() + " has lasted long enough",
        LIMIT.plus(fault.held()),
        () -> System.nanoTime() - begin >= fault.held().toNanos());
    Duration lasted = Duration.ofNanos(System.nanoTime() - begin);
    long end = System.nanoTime();
    fault.heal().run();
    Duration resumedAfterEnd = flow.awaitResumed("the end of: " + fault.name(), end, LIMIT);
    if (fault.resumption() == Resumption.AFTER_ITS_END) {
      resumed = resumedAfterEnd;
    }
    flow.awaitCaughtUp(LIMIT);
    Result result =
        new Result(fault, resumed, lasted, reckoning.longestPause(), inFlight + sinceThen(before));
    Scene.say(
        "%s: resumed after %d ms%s; longest pause %d ms; in doubt %d"
            .formatted(
                fault.name(),
                resumed.toMillis(),
                fault.resumption() == Resumption.BY_ITSELF ? "" : " from its end",
                result.pause().toMillis(),
                result.inDoubt()));
    return result;
  }

  private Map<String, Retries> retries() {
    Map<String, Retries> retries = new HashMap<>();
    for (MillraceHost agent : site.agents()) {
      retries.put(
          agent.name(),
          new Retries(agent.process().worker(), agent.metrics().sum("SINK", "EventRetryCount")));
    }
    return retries;
  }

  private long sinceThen(Map<String, Retries> before) {
    return retries().entrySet().stream()
        .mapToLong(agent -> agent.getValue().since(before.get(agent.getKey())))
        .sum();
  }
}
