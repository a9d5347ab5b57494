/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Installation;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.Tool;
import io.millrace.systemtests.WatchedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Three hosts with agents, three with collectors, one with a load balancer before the collectors,
 * one with the store, and a spare one. Confined to one thread.
 */
final class Site implements AutoCloseable {
  static final int AGENT_PORT = 4444;
  static final int AVRO_PORT = 4545;
  static final int ADMIN_PORT = 34545;

  /** What the new version of a collector is configured to send at once. */
  private static final int NEW_BATCH = SiteConfs.BATCH / 2;

  private static final int LOG_TAIL_LINES = 40;

  private final Path directory;
  private final WorkSpace work;
  private final Network network;
  private final Path files;
  private final Host spareHost;
  private final MillraceHost store;
  private final List<Host> collectorHosts = new ArrayList<>();
  private final List<MillraceHost> collectors = new ArrayList<>();
  private final String balancerAddress;
  private final Map<Host, Path> states = new HashMap<>();
  private final Balancer balancer;
  private final List<MillraceHost> agents = new ArrayList<>();
  private final List<KeptProcess> processes = new ArrayList<>();
  private final Thread lastResort = new Thread(this::end, "site/last-resort");

  private Site(Scene scene, WorkSpace work, Network network) {
    this.directory = scene.directory("hosts");
    this.work = work;
    this.network = network;
    this.files = scene.directory("store");
    Path home = Installation.home();
    Host storeHost = network.add("store");
    store =
        new MillraceHost(
            "store",
            storeHost,
            directory,
            home,
            SiteConfs.store(storeHost, scene.directory("store-channel"), files));
    Host proxy = network.add("haproxy");
    balancerAddress = network.callerAddress(proxy);
    Map<String, Balancer.Server> servers = new LinkedHashMap<>();
    for (int i = 1; i <= 3; i++) {
      Host host = network.add("collector-" + i);
      Path state = i == 3 ? work.disk() : scene.directory(host.name());
      String conf = collectorConf(host, state, SiteConfs.BATCH);
      MillraceHost collector = new MillraceHost(host.name(), host, directory, home, conf);
      collectors.add(collector);
      collectorHosts.add(host);
      states.put(host, state);
      servers.put(
          host.name(),
          new Balancer.Server(
              network.route(proxy, host, AVRO_PORT), network.route(proxy, host, ADMIN_PORT)));
    }
    balancer = Balancer.of(proxy, directory, work.directory().resolve("haproxy.socket"), servers);
    for (int i = 1; i <= 3; i++) {
      Host host = network.add("agent-" + i);
      Path state = scene.directory(host.name());
      states.put(host, state);
      String conf = agentConf(host, SiteConfs.BATCH);
      agents.add(new MillraceHost(host.name(), host, directory, home, conf));
    }
    spareHost = network.add("spare");
    processes.add(store.process());
    collectors.forEach(collector -> processes.add(collector.process()));
    processes.add(balancer.process());
    agents.forEach(agent -> processes.add(agent.process()));
    // A test run that is ended from outside leaves nothing behind.
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  static Site make(Scene scene) throws IOException {
    WorkSpace work = WorkSpace.make();
    try {
      return new Site(scene, work, Network.open(work.directory()));
    } catch (RuntimeException e) {
      work.close();
      throw e;
    }
  }

  /** Starts all processes, and waits until they run. */
  void start() {
    processes.forEach(KeptProcess::start);
    millraceHosts().forEach(MillraceHost::awaitStarted);
    Conditions.await("HAProxy sees all collectors", MillraceHost.START_LIMIT, balancer::isUp);
  }

  private Stream<MillraceHost> millraceHosts() {
    return Stream.of(Stream.of(store), collectors.stream(), agents.stream()).flatMap(all -> all);
  }

  Path directory() {
    return directory;
  }

  /** Where the store keeps its files. */
  Path files() {
    return files;
  }

  Network network() {
    return network;
  }

  WorkSpace work() {
    return work;
  }

  MillraceHost store() {
    return store;
  }

  List<MillraceHost> collectors() {
    return List.copyOf(collectors);
  }

  /** The one whose channel lies on the small disk, if there is one. */
  MillraceHost collectorOnSmallDisk() {
    return collectors.get(collectors.size() - 1);
  }

  Balancer balancer() {
    return balancer;
  }

  List<MillraceHost> agents() {
    return List.copyOf(agents);
  }

  /** From its next start on a collector runs from another installation, configured otherwise. */
  void upgrade(MillraceHost collector) {
    Path newHome = directory.resolve("new-version");
    if (!Files.exists(newHome)) {
      Tool.need(directory, "cp", "-a", Installation.home().toString(), newHome.toString());
    }
    collector.install(newHome);
    collector.configure(collectorConf(collector.host(), states.get(collector.host()), NEW_BATCH));
  }

  /** A collector on the spare host that has the channel of one that is no more. Not yet started. */
  MillraceHost moveToSpareHost(MillraceHost lost) {
    Path state = states.get(lost.host());
    String conf = collectorConf(spareHost, state, SiteConfs.BATCH);
    MillraceHost spare =
        new MillraceHost("spare-collector", spareHost, directory, Installation.home(), conf);
    collectors.set(collectors.indexOf(lost), spare);
    processes.add(spare.process());
    return spare;
  }

  /** All agents get another configuration; they do not know it yet. */
  void reconfigureAgents() {
    agents.forEach(agent -> agent.configure(agentConf(agent.host(), NEW_BATCH)));
  }

  private String collectorConf(Host host, Path state, int batch) {
    Place next = network.route(host, store.host(), AVRO_PORT);
    return SiteConfs.collector(host, state, next, balancerAddress, batch);
  }

  /** The last agent spreads its events itself, the others send them to the balancer. */
  private String agentConf(Host host, int batch) {
    Path state = states.get(host);
    if (host.name().endsWith("3")) {
      List<Place> places =
          collectorHosts.stream().map(to -> network.route(host, to, AVRO_PORT)).toList();
      return SiteConfs.groupAgent(host, state, places, batch);
    }
    return SiteConfs.agent(
        host, state, network.route(host, balancer.process().host(), AVRO_PORT), batch);
  }

  /** Stops everything in order, from the first hop to the last. */
  void stop() {
    agents.forEach(MillraceHost::stop);
    collectors.forEach(MillraceHost::stop);
    store.stop();
  }

  /** The ends of all logs, for a test that failed. */
  void sayLogs() {
    for (KeptProcess process : processes) {
      String[] lines = WatchedProcess.textOf(process.log()).split("\n", -1);
      int from = Math.max(0, lines.length - LOG_TAIL_LINES);
      Scene.say(
          "end of %s:\n%s"
              .formatted(
                  process.log(),
                  String.join("\n", Arrays.asList(lines).subList(from, lines.length))));
    }
  }

  /** Ends and removes everything, whatever of it cannot be ended. */
  private void end() {
    List<Runnable> ends = new ArrayList<>();
    processes.forEach(process -> ends.add(process::close));
    ends.add(network::close);
    ends.add(work::close);
    IllegalStateException failure = null;
    for (Runnable one : ends) {
      try {
        one.run();
      } catch (RuntimeException e) {
        failure = failure == null ? new IllegalStateException("Not all was removed") : failure;
        failure.addSuppressed(e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    try {
      end();
    } finally {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    }
  }
}
