/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.hosts.Fault.Resumption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What happens to a site, one after another. Confined to one thread. */
final class Faults {
  /** Longer than an answer is waited for, and than the balancer takes to notice. */
  private static final Duration HELD = Duration.ofSeconds(8);

  /** How long somebody without whom nothing moves stands still, or is cut off. */
  private static final Duration HELD_BY_ALL = Duration.ofSeconds(4);

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What a sink may have taken up between a look at its metrics and its end. */
  private static final long AFTER_THE_LOOK = 5 * SiteConfs.BATCH;

  /** What a killed agent may have sent over its sinks and not heard, or not noted, of. */
  static final long IN_FLIGHT_AT_AN_AGENT =
      3L * SiteConfs.CALLS_IN_FLIGHT * SiteConfs.BATCH + AFTER_THE_LOOK;

  private final Site site;

  Faults(Site site) {
    this.site = site;
  }

  List<Fault> all() {
    List<Fault> all = new ArrayList<>();
    all.addAll(kills());
    all.addAll(freezes());
    all.addAll(cuts());
    all.addAll(slowLinks());
    all.addAll(disks());
    all.addAll(changes());
    all.add(new LostCollector(site, this::busyCollector).fault());
    return all;
  }

  private List<Fault> kills() {
    return List.of(
        Fault.passing("kill -9 of an agent", () -> agent().process().kill(), () -> 0),
        Fault.passing("kill -9 of HAProxy", () -> site.balancer().process().kill(), () -> 0),
        Fault.passing("kill -9 of a collector", () -> busyCollector().process().kill(), () -> 0),
        Fault.passing(
            "kill -9 of the store", () -> site.store().process().kill(), this::inFlightAtStore));
  }

  private List<Fault> freezes() {
    return List.of(
        frozen("an agent", Resumption.AFTER_ITS_END, HELD_BY_ALL, () -> agent().process()),
        frozen("HAProxy", Resumption.AFTER_ITS_END, HELD_BY_ALL, () -> site.balancer().process()),
        frozen("a collector", Resumption.BY_ITSELF, HELD, () -> busyCollector().process()),
        frozen("the store", Resumption.AFTER_ITS_END, HELD_BY_ALL, () -> site.store().process()),
        hanging(agent().process()));
  }

  /** Its supervisor finds out, kills it and starts it again. */
  private static Fault hanging(KeptProcess process) {
    AtomicReference<Optional<ProcessHandle>> hung = new AtomicReference<>();
    return Fault.overcome(
        "an agent hangs for good",
        () -> {
          hung.set(process.worker());
          process.freeze();
        },
        () -> process.worker().isPresent() && !process.worker().equals(hung.get()));
  }

  private Fault frozen(
      String whom, Resumption resumption, Duration held, Supplier<KeptProcess> process) {
    AtomicReference<KeptProcess> frozen = new AtomicReference<>();
    return Fault.lasting(
        whom + " stands still (SIGSTOP)",
        resumption,
        held,
        () -> {
          frozen.set(process.get());
          frozen.get().freeze();
        },
        () -> frozen.get().thaw());
  }

  private List<Fault> cuts() {
    return List.of(
        cut("an agent", Resumption.AFTER_ITS_END, HELD_BY_ALL, () -> agent().host()),
        cut("HAProxy", Resumption.AFTER_ITS_END, HELD_BY_ALL, this::balancerHost),
        cut("a collector", Resumption.BY_ITSELF, HELD, () -> busyCollector().host()),
        cut("the store", Resumption.AFTER_ITS_END, HELD_BY_ALL, () -> site.store().host()));
  }

  private Fault cut(String whom, Resumption resumption, Duration held, Supplier<Host> host) {
    return onLink("link of " + whom + " cut", resumption, held, host, site.network()::cut);
  }

  private List<Fault> slowLinks() {
    return List.of(
        slow("an agent", () -> agent().host()),
        slow("HAProxy", this::balancerHost),
        slow("a collector", () -> busyCollector().host()),
        slow("the store", () -> site.store().host()));
  }

  private Fault slow(String whom, Supplier<Host> host) {
    return onLink(
        "link of " + whom + " slow", Resumption.BY_ITSELF, HELD_BY_ALL, host, site.network()::slow);
  }

  private Fault onLink(
      String name, Resumption resumption, Duration held, Supplier<Host> host, Consumer<Host> what) {
    AtomicReference<Host> hit = new AtomicReference<>();
    return Fault.lasting(
        name,
        resumption,
        held,
        () -> {
          hit.set(host.get());
          what.accept(hit.get());
        },
        () -> site.network().restore(hit.get()));
  }

  private List<Fault> disks() {
    if (!site.work().hasDisk()) {
      return List.of();
    }
    return List.of(new FullDisk(site).fault());
  }

  private List<Fault> changes() {
    List<Fault> changes = new ArrayList<>();
    changes.add(new Reload(site).fault());
    for (MillraceHost collector : site.collectors()) {
      changes.add(new Upgrade(site, collector).fault());
    }
    return changes;
  }

  private MillraceHost agent() {
    return site.agents().get(0);
  }

  private Host balancerHost() {
    return site.balancer().process().host();
  }

  /** The collector with the most connections through the balancer. */
  private MillraceHost busyCollector() {
    Conditions.await(
        "a collector has connections",
        LIMIT,
        () -> site.balancer().connections().values().stream().anyMatch(count -> count > 0));
    String name =
        site.balancer().connections().entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .orElseThrow()
            .getKey();
    return site.collectors().stream()
        .filter(collector -> collector.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** What is written and not yet acknowledged to the channel is written again. */
  private long inFlightAtStore() {
    AgentMetrics metrics = site.store().metrics();
    return metrics.sum("SINK", "EventDrainAttemptCount")
        - metrics.sum("SINK", "EventDrainSuccessCount")
        + AFTER_THE_LOOK;
  }
}
