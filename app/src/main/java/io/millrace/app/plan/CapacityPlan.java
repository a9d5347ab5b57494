/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import static io.millrace.app.plan.Figure.Unit.BITS_PER_SECOND;
import static io.millrace.app.plan.Figure.Unit.BYTES;
import static io.millrace.app.plan.Figure.Unit.BYTES_PER_SECOND;
import static io.millrace.app.plan.Figure.Unit.CORES;
import static io.millrace.app.plan.Figure.Unit.COUNT;
import static io.millrace.app.plan.Figure.Unit.EVENTS;
import static io.millrace.app.plan.Figure.Unit.EVENTS_PER_SECOND;
import static io.millrace.app.plan.Figure.Unit.MEBIBYTES;
import static io.millrace.app.plan.Figure.Unit.SECONDS;

import java.util.List;

/**
 * What a flow needs, from what is asked for and what was measured: no more than multiplication, and
 * each step shown. Immutable.
 */
record CapacityPlan(PlanInput input, Measured measured, List<Section> sections) {
  CapacityPlan {
    sections = List.copyOf(sections);
  }

  static CapacityPlan of(PlanInput input, Measured measured) {
    EventSize event = EventSize.of(input, measured);
    Section host = host(input, measured, event);
    Section site = site(input, measured, event);
    Section collector = collector(input, measured, event, site);
    Section all = all(input, host, site, collector);
    return new CapacityPlan(input, measured, List.of(all, host, site, collector));
  }

  Section section(String key) {
    return sections.stream()
        .filter(section -> section.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "section: " + key + " (expected: all, host, site or collector)"));
  }

  double value(String section, String figure) {
    return section(section).value(figure);
  }

  private static Section host(PlanInput input, Measured measured, EventSize event) {
    SectionBuilder host = new SectionBuilder("host", "Each host");
    String rate = Units.plain(input.rate()) + "/s";
    host.add(
        "rate",
        "bodies",
        input.rate() * input.bodyBytes(),
        BYTES_PER_SECOND,
        rate + " x " + Units.plain(input.bodyBytes()) + " B");
    double backlog =
        host.add(
            "backlog",
            "events to keep",
            input.rate() * input.downtimeSeconds() * input.withHeadroom(),
            EVENTS,
            rate + " x " + downtime(input) + " x " + headroom(input));
    double disk = channelDisk(host, input, measured, event, backlog);
    double secondDisk = 0;
    if (!input.secondCopy().isZero()) {
      secondDisk =
          host.add(
              "second-disk",
              "disk of the second copy",
              input.rate() * input.secondCopySeconds() * event.wireBytes() * input.withHeadroom(),
              BYTES,
              rate
                  + " x "
                  + Units.span(input.secondCopy())
                  + " x "
                  + event.wire()
                  + " x "
                  + headroom(input),
              "event-overhead");
    }
    host.add(
        "disk-writes",
        "disk writes",
        input.rate() * event.storedBytes() * input.copies(),
        BYTES_PER_SECOND,
        rate + " x " + event.stored() + copies(input),
        "event-overhead");
    if (!input.secondCopy().isZero()) {
      host.add(
          "second-writes",
          "disk writes of the second copy",
          input.rate() * event.wireBytes() * 2,
          BYTES_PER_SECOND,
          rate + " x " + event.wire() + " x 2, its channel and its files",
          "event-overhead");
    }
    host.add(
        "network",
        "network out",
        input.rate() * event.wireBytes() * 8,
        BITS_PER_SECOND,
        rate + " x " + event.wire() + " x 8",
        "event-overhead");
    double cpu = measured.value("agent-cpu") + CallCost.beyond(input, measured);
    host.add(
        "cores",
        "cores",
        input.rate() * cpu / 1e6,
        CORES,
        rate + " x " + Units.plain(cpu) + " s a million",
        CallCost.constants(input, "agent-cpu"));
    double heap =
        host.add(
            "heap", "heap", measured.value("small-heap"), MEBIBYTES, "as measured", "small-heap");
    memory(host, measured, heap);
    if (input.rate() * input.withHeadroom() > measured.value("agent-rate")) {
      host.warn(
          "An agent of the measured machine took "
              + Units.plain(measured.value("agent-rate"))
              + " events a second: share "
              + rate
              + " among several agents, or measure the host with bench/run hop.");
    }
    PlanSettings.add(host, input, measured, backlog, heap, secondDisk);
    if (disk + secondDisk > 100e12) {
      host.warn("More than 100 TB of disk on one host: shorten --downtime or --second-copy.");
    }
    return host.build();
  }

  private static double channelDisk(
      SectionBuilder section, PlanInput input, Measured measured, EventSize event, double backlog) {
    double reserve = measured.value("disk-reserve");
    return section.add(
        "disk",
        "disk of the file channel",
        (backlog * event.storedBytes() + reserve) * input.copies(),
        BYTES,
        "("
            + Units.plain(Math.ceil(backlog))
            + " x "
            + event.stored()
            + " + "
            + Units.decimal(reserve, "B")
            + " reserve)"
            + copies(input),
        "event-overhead",
        "disk-reserve");
  }

  private static void memory(SectionBuilder section, Measured measured, double heap) {
    double beside = measured.value("small-rss") - measured.value("small-heap");
    section.add(
        "memory",
        "memory of the process",
        heap + beside,
        MEBIBYTES,
        Units.mebibytes(heap) + " + " + Units.plain(beside) + " MiB beside the heap",
        "small-rss",
        "small-heap");
  }

  private static Section site(PlanInput input, Measured measured, EventSize event) {
    SectionBuilder site = new SectionBuilder("site", "Each site");
    double hosts =
        site.add(
            "hosts",
            "hosts",
            Math.ceil((double) input.hosts() / input.sites()),
            COUNT,
            Units.plain(input.hosts()) + " / " + input.sites());
    double rate =
        site.add(
            "events",
            "events",
            hosts * input.rate(),
            EVENTS_PER_SECOND,
            Units.plain(hosts) + " x " + Units.plain(input.rate()) + "/s");
    site.add(
        "network",
        "network to the collectors",
        rate * event.wireBytes() * 8,
        BITS_PER_SECOND,
        Units.plain(rate) + "/s x " + event.wire() + " x 8",
        "event-overhead");
    double most = collectorRate(site, input, measured, event);
    double planned =
        site.add(
            "planned-rate",
            "planned for one collector",
            most / input.withHeadroom(),
            EVENTS_PER_SECOND,
            "the least of these / " + headroom(input));
    double byRate = Math.max(1, Math.ceil(rate / planned - 1e-9));
    double connections = measured.value("connections");
    double byConnections = Math.ceil(hosts * input.withHeadroom() / connections - 1e-9);
    double needed =
        site.add(
            "needed",
            "collectors needed",
            Math.max(byRate, byConnections),
            COUNT,
            byConnections > byRate
                ? Units.plain(hosts)
                    + " connections x "
                    + headroom(input)
                    + " / "
                    + Units.plain(connections)
                : Units.plain(rate) + "/s / " + Units.plain(planned) + "/s",
            "connections");
    site.add(
        "collectors",
        "collectors",
        needed + input.spare(),
        COUNT,
        Units.plain(needed) + " + " + input.spare() + " that may be down");
    double spareRate = needed * most - rate;
    if (spareRate > rate * 1e-6) {
      site.add(
          "catch-up",
          "to send on what was kept",
          rate * input.downtimeSeconds() / spareRate,
          SECONDS,
          Units.plain(rate)
              + "/s x "
              + downtime(input)
              + " / ("
              + Units.plain(needed * most)
              + " - "
              + Units.plain(rate)
              + ")/s");
    } else {
      site.warn(
          "No headroom is left: what was kept during an outage is never sent on. Raise"
              + " --headroom.");
    }
    if (input.spare() == 0) {
      site.warn("No collector may be down: with --spare 1 one may.");
    }
    return site.build();
  }

  /** Events a second of one collector at its limit. */
  private static double collectorRate(
      SectionBuilder site, PlanInput input, Measured measured, EventSize event) {
    double storing = measured.value("two-tiers-cpu") - measured.value("agent-cpu");
    double cpu = storing + CallCost.beyond(input, measured);
    double byCores =
        site.add(
            "by-cores",
            "one collector by its cores",
            input.collectorCores() / cpu * 1e6,
            EVENTS_PER_SECOND,
            input.collectorCores()
                + " cores / "
                + Units.plain(cpu)
                + " s a million ("
                + Units.plain(measured.value("two-tiers-cpu"))
                + " - "
                + Units.plain(measured.value("agent-cpu"))
                + CallCost.text(input, measured)
                + ")",
            CallCost.constants(input, "two-tiers-cpu", "agent-cpu"));
    double byNetwork =
        site.add(
            "by-network",
            "by its network",
            input.linkBits() / (event.wireBytes() * 8),
            EVENTS_PER_SECOND,
            Units.decimal(input.linkBits(), "bit/s") + " / (" + event.wire() + " x 8)",
            "event-overhead");
    double byDisk =
        site.add(
            "by-disk",
            "by its disk",
            input.diskBytes() / (event.storedBytes() * input.copies()),
            EVENTS_PER_SECOND,
            Units.decimal(input.diskBytes(), "B/s") + " / (" + event.stored() + copies(input) + ")",
            "event-overhead");
    return Math.min(byCores, Math.min(byNetwork, byDisk));
  }

  private static Section collector(
      PlanInput input, Measured measured, EventSize event, Section site) {
    SectionBuilder collector =
        new SectionBuilder(
            "collector",
            input.spare() == 0
                ? "Each collector"
                : "Each collector, while "
                    + input.spare()
                    + " of its site "
                    + (input.spare() == 1 ? "is" : "are")
                    + " down");
    double needed = site.value("needed");
    double share =
        collector.add(
            "rate",
            "events",
            site.value("events") / needed,
            EVENTS_PER_SECOND,
            Units.plain(site.value("events")) + "/s / " + Units.plain(needed));
    double backlog =
        collector.add(
            "backlog",
            "events to keep",
            share * input.downtimeSeconds() * input.withHeadroom(),
            EVENTS,
            Units.plain(share) + "/s x " + downtime(input) + " x " + headroom(input));
    channelDisk(collector, input, measured, event, backlog);
    collector.add(
        "disk-writes",
        "disk writes",
        share * event.storedBytes() * input.copies(),
        BYTES_PER_SECOND,
        Units.plain(share) + "/s x " + event.stored() + copies(input),
        "event-overhead");
    collector.add(
        "network",
        "network, each way",
        share * event.wireBytes() * 8,
        BITS_PER_SECOND,
        Units.plain(share) + "/s x " + event.wire() + " x 8",
        "event-overhead");
    double connections =
        collector.add(
            "connections",
            "connections",
            Math.ceil(site.value("hosts") / needed),
            COUNT,
            Units.count(site.value("hosts"), "host") + " / " + Units.plain(needed));
    double heap = collectorHeap(collector, input, measured, event, connections);
    memory(collector, measured, heap);
    PlanSettings.add(collector, input, measured, backlog, heap, 0);
    return collector.build();
  }

  /** As measured, and enough for a call of every connection at a time. */
  private static double collectorHeap(
      SectionBuilder collector,
      PlanInput input,
      Measured measured,
      EventSize event,
      double connections) {
    // A host that makes few events sends smaller calls: a second's events at most are waited for.
    double call = Math.min(input.batchEvents(), Math.max(1, input.rate()));
    double share = measured.value("heap-share");
    double forCalls = connections * call * event.wireBytes() * share / (1 << 20);
    double large = measured.value("large-heap");
    return collector.add(
        "heap",
        "heap",
        Math.ceil(Math.max(large, forCalls)),
        MEBIBYTES,
        "the larger of "
            + Units.mebibytes(large)
            + " and "
            + Units.count(connections, "call")
            + " x "
            + Units.plain(call)
            + " x "
            + event.wire()
            + " x "
            + Units.plain(share),
        "large-heap",
        "heap-share",
        "event-overhead");
  }

  private static Section all(PlanInput input, Section host, Section site, Section collector) {
    SectionBuilder all = new SectionBuilder("all", "In all");
    double rate =
        all.add(
            "events",
            "events",
            input.hosts() * input.rate(),
            EVENTS_PER_SECOND,
            Units.count(input.hosts(), "host") + " x " + Units.plain(input.rate()) + "/s");
    all.add(
        "day",
        "bodies a day",
        rate * input.bodyBytes() * 86_400,
        BYTES,
        Units.plain(rate) + "/s x " + Units.plain(input.bodyBytes()) + " B x 86,400 s");
    double collectors =
        all.add(
            "collectors",
            "collectors",
            input.sites() * site.value("collectors"),
            COUNT,
            input.sites() + " x " + Units.plain(site.value("collectors")));
    boolean hasSecond = !input.secondCopy().isZero();
    double hostDisk = host.value("disk") + (hasSecond ? host.value("second-disk") : 0);
    all.add(
        "host-disks",
        "disks of the hosts",
        input.hosts() * hostDisk,
        BYTES,
        Units.plain(input.hosts()) + " x " + Units.decimal(hostDisk, "B"));
    all.add(
        "collector-disks",
        "disks of the collectors",
        collectors * collector.value("disk"),
        BYTES,
        Units.plain(collectors) + " x " + collector.figure("disk").text());
    return all.build();
  }

  private static String downtime(PlanInput input) {
    return Units.span(input.downtime());
  }

  private static String headroom(PlanInput input) {
    return Units.plain(input.withHeadroom());
  }

  private static String copies(PlanInput input) {
    return input.copies() == 1 ? "" : " x " + input.copies() + " copies";
  }
}
