/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import io.millrace.bench.trial.Route;
import io.millrace.bench.trial.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The http source: events in JSON, many in a request. */
@Command(
    name = "http",
    description = "http source -> channel -> null sink, both products; JSON in bulk.")
final class HttpCommand implements Callable<Integer> {
  private static final int BATCH_EVENTS = 1000;

  @Mixin private RunOptions run;
  @Mixin private LoadRounds load;

  @Option(
      names = "--bodies",
      split = ",",
      defaultValue = "100,512",
      description = "Lengths of bodies in bytes (${DEFAULT-VALUE}).")
  private List<Integer> bodies = new ArrayList<>();

  @Option(
      names = "--routes",
      split = ",",
      defaultValue = "HTTP,HTTP_FILE",
      description = "HTTP: memory channel; HTTP_FILE: file channel (${DEFAULT-VALUE}).")
  private List<Route> routes = new ArrayList<>();

  @Option(names = "--clients", defaultValue = "4", description = "(${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--batch-events",
      defaultValue = "" + BATCH_EVENTS,
      description = "Events in a request (${DEFAULT-VALUE}).")
  private int batchEvents;

  @Override
  public Integer call() throws Exception {
    List<LoadRounds.Step> steps = new ArrayList<>();
    for (Route route : routes) {
      Trial.Plan plan =
          load.plan(run, 0, LoadRounds.UNLIMITED_EVENTS, LoadRounds.DEFAULT_CAPACITY, route);
      for (int bodyBytes : bodies) {
        String name = "H" + batchEvents + "_" + bodyBytes;
        steps.add(
            new LoadRounds.Step(
                plan, new Scenario(name, clients, batchEvents, bodyBytes, 1, Scenario.Wire.HTTP)));
      }
    }
    return load.measure(run, "http", steps);
  }
}
