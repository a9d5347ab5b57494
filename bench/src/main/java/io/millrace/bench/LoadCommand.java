/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Ledger;
import io.millrace.bench.load.LoadGenerator;
import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.Pause;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts load on a source that is already there, and prints its rate each second. */
@Command(name = "load", description = "Puts load on an avro source on loopback.")
final class LoadCommand implements Callable<Integer> {
  @Mixin private LoadOptions options;

  @Option(names = "--port", required = true)
  private int port;

  @Option(names = "--seconds", defaultValue = "10")
  private int seconds;

  @Option(names = "--max-requests", defaultValue = "9223372036854775807")
  private long maxRequests;

  @Override
  public Integer call() throws Exception {
    Scenario scenario = options.scenario("load");
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    long startNanos = System.nanoTime();
    try (LoadGenerator load = LoadGenerator.start(address, scenario, maxRequests)) {
      Ledger ledger = load.ledger();
      long before = 0;
      for (int second = 0; second < seconds && load.isRunning(); second++) {
        Pause.of(Duration.ofSeconds(1));
        long now = ledger.requestsOk();
        System.out.printf(
            "%,d events/s acknowledged, %d requests failed%n",
            (now - before) * scenario.batchEvents(), ledger.requestsFailed());
        before = now;
      }
      load.stop();
      double elapsed = (System.nanoTime() - startNanos) / 1e9;
      System.out.printf(
          "%,.0f events/s over all, load generator %.2f s of CPU, out of order %d, %s%n",
          ledger.requestsOk() * scenario.batchEvents() / elapsed,
          load.cpuSeconds(),
          ledger.requestsOutOfOrder(),
          ledger.latency(0, ledger.requestsOk()));
    }
    return 0;
  }
}
