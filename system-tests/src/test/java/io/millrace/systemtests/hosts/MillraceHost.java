/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A host and the Millrace agent that it runs. Confined to one thread. */
final class MillraceHost implements AutoCloseable {
  static final Duration START_LIMIT = Duration.ofMinutes(3);

  /** Until balancers know (5 s), an orderly stop (10 s, promise 7), and the processes to end. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  /** Many small agents on few cores. */
  private static final List<String> JVM =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  /** A hang is noticed after fifteen seconds or so: later than any fault of the test is held. */
  private static final List<String> SUPERVISE =
      List.of(
          "supervise",
          "--health-interval",
          "2",
          "--health-timeout",
          "5",
          "--health-misses",
          "3",
          "--");

  private final Path conf;
  private final KeptProcess process;
  private final AgentMetrics metrics;

  /**
   * @param name of the agent, in logs
   * @param directory of its configuration and log
   */
  MillraceHost(String name, Host host, Path directory, Path home, String configuration) {
    this.conf = directory.resolve(name + ".properties");
    configure(configuration);
    this.process = new KeptProcess(name, host, directory, command(host, home), true);
    this.metrics = new AgentMetrics(new Place(host.controlAddress(), Site.ADMIN_PORT));
  }

  private List<String> command(Host host, Path home) {
    List<String> words = new ArrayList<>(List.of(home.resolve("bin/millrace").toString()));
    words.addAll(SUPERVISE);
    words.add("agent");
    words.addAll(List.of("--name", "a1", "--conf-file", conf.toString()));
    words.addAll(JVM);
    words.add("-Dflume.monitoring.type=http");
    words.add("-Dflume.monitoring.bind=" + host.bindAddress());
    words.add("-Dflume.monitoring.port=" + Site.ADMIN_PORT);
    return words;
  }

  String name() {
    return process.name();
  }

  Host host() {
    return process.host();
  }

  KeptProcess process() {
    return process;
  }

  AgentMetrics metrics() {
    return metrics;
  }

  /** It has this configuration from its next start on. */
  void configure(String configuration) {
    try {
      Files.writeString(conf, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException("Configuration " + conf, e);
    }
  }

  /** It runs from this installation from its next start on. */
  void install(Path home) {
    process.command(command(host(), home));
  }

  void awaitStarted() {
    Conditions.await(name() + " has started", START_LIMIT, metrics::isStarted);
  }

  /** Stops it in order, and does not start it again. */
  void stop() {
    OptionalInt status = process.stop(STOP_LIMIT);
    if (status.isEmpty() || status.getAsInt() != 0) {
      throw new AssertionError(
          "%s, stopped with SIGTERM: exit status %s (expected: 0 within %s); its log: %s"
              .formatted(name(), status, STOP_LIMIT, process.log()));
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
