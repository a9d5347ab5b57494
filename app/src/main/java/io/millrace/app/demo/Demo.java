/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import io.millrace.app.CommandFailedException;
import io.millrace.app.OrderlyExit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One run of the demo: two edge agents follow files and send to a collector that stores, until the
 * user stops it; then everything is drained and counted. Confined to the thread that runs it.
 */
public final class Demo {
  /** How long a run takes at most from the wish to stop until its end. */
  public static final Duration STOP_LIMIT = Duration.ofMinutes(2);

  private static final String AGENT_MAIN_CLASS = "io.millrace.app.Millrace";
  private static final List<String> EDGES = List.of("edge-1", "edge-2");
  private static final Duration SUPERVISION_PERIOD = Duration.ofMillis(100);
  private static final Duration MEASURE_PERIOD = Duration.ofMillis(500);
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(45);
  private static final Duration AGENT_STOP_LIMIT = Duration.ofSeconds(12);
  private static final int PREFERRED_PORT = 4545;
  private static final int PREFERRED_METRICS_PORT = 41414;
  private static final int SHOWN_EVENTS = 4;
  private static final String FLOWING = "Ctrl-C to stop and count";

  private final DemoOptions options;
  private final DemoDirectory directory;
  private final Screen screen;
  private final OrderlyExit exit;
  private final List<AgentProcess> edges = new ArrayList<>();
  private final List<FollowedFiles> followed = new ArrayList<>();
  private final Deque<String> events = new ArrayDeque<>();
  private final long beginNanos = System.nanoTime();
  private Optional<StoreServer> server = Optional.empty();
  private AgentProcess collector;
  private String phase = "starting";
  private long nextMeasureNanos = beginNanos;

  private Demo(DemoOptions options, DemoDirectory directory, Screen screen, OrderlyExit exit) {
    this.options = options;
    this.directory = directory;
    this.screen = screen;
    this.exit = exit;
  }

  /**
   * Runs until {@code exit} is requested or the duration is over.
   *
   * @param terminalColumns width of the terminal; 0 when the output goes elsewhere
   * @return 0 when nothing was lost, else 1
   */
  public static int run(DemoOptions options, PrintWriter out, int terminalColumns, OrderlyExit exit)
      throws IOException, InterruptedException {
    List<FollowedFiles> ofUser = options.follow().stream().map(FollowedFiles::of).toList();
    Path root = options.directory().toAbsolutePath().normalize();
    try (DemoDirectory directory = DemoDirectory.take(root);
        Screen screen = new Screen(out, terminalColumns)) {
      return new Demo(options, directory, screen, exit).run(ofUser);
    }
  }

  private int run(List<FollowedFiles> ofUser) throws IOException, InterruptedException {
    introduce();
    try {
      Optional<Traffic> traffic = start(ofUser);
      phase = FLOWING;
      flow(traffic);
      return finish(traffic);
    } finally {
      // Whatever happened, no process is left behind.
      processes().forEach(AgentProcess::requestStop);
      if (server.isPresent()) {
        server.get().close();
      }
    }
  }

  private void introduce() {
    screen.say(
        (directory.isReused() ? "Starting afresh in " : "Everything goes to ")
            + directory.root()
            + ": conf (change them, reuse them), logs, state, store, output of the agents.");
  }

  private Optional<Traffic> start(List<FollowedFiles> ofUser)
      throws IOException, InterruptedException {
    List<List<FollowedFiles>> shares = new ArrayList<>();
    List<AccessLog> logs = new ArrayList<>();
    for (int i = 0; i < EDGES.size(); i++) {
      List<FollowedFiles> share = new ArrayList<>();
      if (ofUser.isEmpty()) {
        String host = "web-" + (i + 1);
        share.add(new FollowedFiles(directory.logs(host), "access\\.log.*"));
        logs.add(new AccessLog(host, directory.logs(host), new SplittableRandom(i)));
      }
      for (int j = i; j < ofUser.size(); j += EDGES.size()) {
        share.add(ofUser.get(j));
      }
      if (!share.isEmpty()) {
        shares.add(share);
      }
    }
    startAgents(shares);
    return logs.isEmpty()
        ? Optional.empty()
        : Optional.of(Traffic.start(logs, options.linesPerSecond()));
  }

  private void startAgents(List<List<FollowedFiles>> shares)
      throws IOException, InterruptedException {
    Ports ports = new Ports();
    JavaCommand java = new JavaCommand(AGENT_MAIN_CLASS);
    startServer(java);
    int port = ports.free(PREFERRED_PORT);
    int metricsPort = ports.free(PREFERRED_METRICS_PORT);
    collector =
        AgentProcess.start(
            "collector",
            java.agent(
                "collector",
                directory.writeCollector(
                    port,
                    options.store(),
                    server.map(StoreServer::address).orElse(directory.store().toString())),
                metricsPort),
            directory.output("collector"),
            metricsPort);
    for (int i = 0; i < shares.size(); i++) {
      String name = EDGES.get(i);
      followed.addAll(shares.get(i));
      metricsPort = ports.free(PREFERRED_METRICS_PORT + 1 + i);
      edges.add(
          AgentProcess.start(
              name,
              java.agent("edge", directory.writeEdge(name, shares.get(i), port), metricsPort),
              directory.output(name),
              metricsPort));
    }
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!allUp() && System.nanoTime() - deadline < 0 && !exit.isRequested()) {
      turn();
    }
    if (!allUp() && !exit.isRequested()) {
      throw new CommandFailedException(
          1, "The agents did not start within " + START_LIMIT.toSeconds() + " s.\n" + outputs());
    }
  }

  private void startServer(JavaCommand java) throws IOException, InterruptedException {
    if (options.store().hasServer()) {
      String name = options.store().word();
      screen.say("Starting the store (" + name + ") ...");
      server =
          Optional.of(
              StoreServer.start(
                  options.store(), java, directory.stateOf(name), directory.output(name)));
    }
  }

  /** Counts what is stored now; what a server has is copied out of it first. */
  private Tally count(Reckoning reckoning) throws IOException, InterruptedException {
    if (server.isPresent()) {
      server.get().readBack(directory.store().resolve("read-back.log"));
    }
    return reckoning.count();
  }

  private String storeShown() {
    return server.map(StoreServer::shown).orElse(directory.store().toString());
  }

  private void flow(Optional<Traffic> traffic) throws InterruptedException {
    long end =
        System.nanoTime() + options.duration().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2);
    while (!exit.isRequested() && System.nanoTime() - end < 0) {
      turn();
      traffic.flatMap(Traffic::failure).ifPresent(Demo::logsCannotBeWritten);
    }
  }

  private static void logsCannotBeWritten(IOException failure) {
    throw new CommandFailedException(
        1, "The demo cannot write its logs any more: " + failure.getMessage(), failure);
  }

  private int finish(Optional<Traffic> traffic) throws IOException, InterruptedException {
    if (traffic.isPresent()) {
      traffic.get().stop();
    }
    phase = "draining";
    Reckoning reckoning = Reckoning.begin(followed, directory.store());
    drain(reckoning);
    phase = "stopping";
    stopAll(edges);
    stopAll(List.of(collector));
    phase = "done";
    screen.show(board());
    return report(reckoning);
  }

  /** Goes on until nothing is missing any more, at most {@link #DRAIN_LIMIT}. */
  private void drain(Reckoning reckoning) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
    long countAgainNanos = System.nanoTime();
    Figures before = Figures.ZERO;
    boolean isComplete = false;
    while (!isComplete && System.nanoTime() - deadline < 0) {
      turn();
      if (System.nanoTime() - countAgainNanos < 0) {
        continue;
      }
      Figures now = collector.figures();
      boolean isQuiet =
          processes().allMatch(agent -> agent.figures().inChannel() == 0) && now.equals(before);
      before = now;
      isComplete = isQuiet && allUp() && count(reckoning).lost() == 0;
      countAgainNanos = System.nanoTime() + MEASURE_PERIOD.toNanos() * 3 / 2;
    }
    if (!isComplete) {
      note("Not everything had arrived after " + DRAIN_LIMIT.toSeconds() + " s");
    }
  }

  private void stopAll(List<AgentProcess> agents) throws InterruptedException {
    agents.forEach(AgentProcess::requestStop);
    for (AgentProcess agent : agents) {
      agent.awaitStop(AGENT_STOP_LIMIT).ifPresent(this::note);
    }
    screen.show(board());
  }

  private int report(Reckoning reckoning) throws IOException, InterruptedException {
    Tally tally = count(reckoning);
    screen.say("");
    screen.say("  Counted line by line, in the followed files and in the store:");
    screen.say("");
    screen.say(String.format("    read        %,12d", tally.read()));
    screen.say(String.format("    stored      %,12d", tally.stored()));
    screen.say(String.format("    lost        %,12d", tally.lost()));
    screen.say(
        String.format("    duplicated  %,12d", tally.duplicated())
            + (tally.duplicated() > 0
                ? "   (what a killed process had not settled was read or sent again)"
                : ""));
    if (tally.unknown() > 0) {
      screen.say(
          String.format(
              "    other       %,12d   (stored, and no longer in the followed files)",
              tally.unknown()));
    }
    screen.say("");
    screen.say(
        (tally.lost() == 0 ? "  Nothing was lost. " : "  LINES WERE LOST. ")
            + "Store: "
            + storeShown()
            + (server.isPresent() ? "" : filesCount(reckoning.storeFiles().size())));
    return tally.lost() == 0 ? 0 : 1;
  }

  private static String filesCount(int count) {
    return " (" + count + (count == 1 ? " file)" : " files)");
  }

  /** Looks after the processes, measures and draws now and then, and waits a little. */
  private void turn() throws InterruptedException {
    processes().forEach(agent -> agent.supervise().ifPresent(this::note));
    if (processes().anyMatch(agent -> agent.state() == AgentProcess.State.DOWN)) {
      screen.show(board());
      throw new CommandFailedException(1, "The demo cannot go on.\n" + outputs());
    }
    if (System.nanoTime() - nextMeasureNanos >= 0) {
      nextMeasureNanos = System.nanoTime() + MEASURE_PERIOD.toNanos();
      processes().forEach(AgentProcess::measure);
      screen.show(board());
    }
    // Once the end is requested, waiting for it again would not wait.
    Thread.sleep(SUPERVISION_PERIOD.toMillis());
  }

  private Board board() {
    List<String> shown = new ArrayList<>(events);
    while (shown.size() < SHOWN_EVENTS) {
      shown.add("");
    }
    return new Board(
        Duration.ofNanos(System.nanoTime() - beginNanos),
        phase,
        (options.follow().isEmpty() ? "made-up web logs" : "your files")
            + " ──▶ edge agents ──▶ collector ──▶ "
            + storeShown(),
        processes().map(AgentProcess::row).toList(),
        shown,
        phase.equals(FLOWING)
            ? "Try kill -9 on any PID from another terminal: it is started again, nothing is lost."
            : "");
  }

  private void note(String event) {
    String line =
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + "  " + event + ".";
    events.addLast(line);
    if (events.size() > SHOWN_EVENTS) {
      events.removeFirst();
    }
    if (!screen.isTerminal()) {
      screen.say(line);
    }
  }

  private String outputs() {
    StringBuilder text = new StringBuilder();
    processes()
        .filter(agent -> agent.state() != AgentProcess.State.UP)
        .forEach(
            agent -> {
              text.append("The end of the log of ").append(agent.name()).append(":\n");
              agent.lastOutput().forEach(line -> text.append("  ").append(line).append('\n'));
            });
    return text.toString();
  }

  private boolean allUp() {
    return processes().allMatch(agent -> agent.state() == AgentProcess.State.UP);
  }

  private Stream<AgentProcess> processes() {
    return Stream.concat(edges.stream(), Stream.ofNullable(collector));
  }
}
