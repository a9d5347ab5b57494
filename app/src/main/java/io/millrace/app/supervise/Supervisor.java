/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import io.millrace.app.CommandFailedException;
import io.millrace.app.OrderlyExit;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Runs an agent for as long as it is not told to stop. Starts it, looks whether it lives, starts it
 * again. Confined to the command's thread; ends no process but the agents that it started.
 */
final class Supervisor {
  /** How long a look at the agent waits for its end; a request to stop is seen as soon. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(5);

  /** So many short lives in a row are a storm, and said to be one. */
  private static final int STORM = 5;

  private final AgentWords words;
  private final SuperviseOptions options;
  private final Optional<CrashDirectory> crashes;
  private final OrderlyExit exit;
  private final PrintStream out;
  private final PrintStream err;
  private final SupervisorLog log;
  private final Clock clock;
  private final Hangup hangup = Hangup.install();

  private int restarts;
  private int shortLives;

  /** Whether one of the agents has lived long enough to say that its options are right. */
  private boolean wasUp;

  /** The last agent that was heard of, by its process; 0 for none. */
  private long answering;

  private boolean isHealthProblemSaid;

  /** How the watch over one agent ended. */
  private record Ending(
      boolean isAsked, String cause, List<String> threadDump, boolean hasNeverAnswered) {
    Ending(boolean isAsked, String cause, List<String> threadDump) {
      this(isAsked, cause, threadDump, false);
    }
  }

  private Supervisor(
      AgentWords words,
      SuperviseOptions options,
      OrderlyExit exit,
      PrintStream out,
      PrintStream err,
      Clock clock) {
    this.words = words;
    this.options = options;
    this.exit = exit;
    this.out = out;
    this.err = err;
    this.clock = clock;
    this.log = new SupervisorLog(err, clock);
    this.crashes =
        options.crashDirectory().map(path -> CrashDirectory.open(path, options.crashKeep()));
  }

  /** The child's own limit, and some time to tell of it. */
  static Duration exitLimit(SuperviseOptions options) {
    return options.stopLimit().plusSeconds(10);
  }

  /**
   * Runs until the exit is asked for.
   *
   * @return the exit status of the supervisor
   * @throws CommandFailedException when crash records cannot be written, or no agent started
   */
  static int run(
      AgentWords words,
      SuperviseOptions options,
      OrderlyExit exit,
      PrintStream out,
      PrintStream err)
      throws InterruptedException {
    return new Supervisor(words, options, exit, out, err, Clock.systemUTC()).run();
  }

  private int run() throws InterruptedException {
    Optional<HealthCheck> health =
        options.health().map(uri -> new HealthCheck(uri, options.healthTimeout()));
    log.say(
        "process %d looks after: %s. %s. %s",
        ProcessHandle.current().pid(),
        words.shown(),
        health.isPresent()
            ? "It is asked every " + seconds(options.healthInterval()) + " at " + health.get().uri()
            : "No health check (no --health-url, no -Dflume.monitoring.port): only its end is"
                + " noticed",
        crashes.isPresent()
            ? "Crash records: " + options.crashDirectory().get()
            : "No crash records are kept");
    while (awaitPort(health)) {
      Child child = start();
      Ending ending = watch(child, health);
      if (ending.isAsked) {
        return stop(child);
      }
      Optional<Integer> end = afterEnd(child, ending);
      if (end.isPresent()) {
        return end.get();
      }
      restarts++;
    }
    return ExitText.STOPPED;
  }

  /**
   * Waits while somebody else answers where the agent is to be asked: most likely the agent of a
   * supervisor that was killed, which is about to end. False when the exit was asked for meanwhile.
   */
  private boolean awaitPort(Optional<HealthCheck> health) throws InterruptedException {
    long begin = System.nanoTime();
    boolean isSaid = false;
    while (!exit.isRequested()) {
      if (health.isEmpty() || !health.get().isPortTaken()) {
        return true;
      }
      if (System.nanoTime() - begin > options.stopLimit().toNanos()) {
        log.say(
            "somebody still listens at %s. The agent is started all the same; its health is not"
                + " its own until that port is free",
            health.get().uri());
        return true;
      }
      if (!isSaid) {
        isSaid = true;
        log.say(
            "somebody listens at %s before the agent is started: an earlier agent that is still"
                + " stopping? Waits up to %s",
            health.get().uri(), seconds(options.stopLimit()));
      }
      exit.await(LOOK);
    }
    return false;
  }

  private Child start() {
    try {
      Child child = Child.start(words.command(restarts), out, err, clock.instant());
      log.say("agent started: process %d, restarts so far: %d", child.pid(), restarts);
      return child;
    } catch (IOException e) {
      throw new CommandFailedException(1, "the agent could not be started: " + e.getMessage(), e);
    }
  }

  /** Returns when the agent has ended, by itself or by us, or the exit is asked for. */
  private Ending watch(Child child, Optional<HealthCheck> health) throws InterruptedException {
    HealthWatch watch = health.map(check -> new HealthWatch(check, options)).orElse(null);
    long sampledNanos = System.nanoTime();
    child.sampleMemory();
    while (!child.awaitEnd(LOOK)) {
      if (exit.isRequested()) {
        return new Ending(true, "", List.of());
      }
      if (hangup.take()) {
        log.say("SIGHUP is passed on to process %d", child.pid());
        child.signal("HUP");
      }
      if (System.nanoTime() - sampledNanos > BETWEEN_SAMPLES.toNanos()) {
        sampledNanos = System.nanoTime();
        child.sampleMemory();
      }
      Optional<String> verdict = watch == null ? Optional.empty() : watch.look(child.life());
      if (verdict.isPresent()) {
        return killHanging(child, verdict.get(), !watch.hasAnswered());
      }
      noteProgress(child, watch);
    }
    // Both may have been told to stop by one signal.
    return exit.await(LOOK)
        ? new Ending(true, "", List.of())
        : new Ending(false, "it ended by itself", List.of());
  }

  private void noteProgress(Child child, HealthWatch watch) {
    boolean isUp =
        watch == null
            ? child.life().compareTo(options.restarts().steadyAfter()) >= 0
            : watch.hasAnswered();
    wasUp |= isUp;
    if (watch != null && isUp && answering != child.pid()) {
      answering = child.pid();
      log.say("agent (process %d) answers its health check", child.pid());
    }
    if (watch != null && !isHealthProblemSaid && !watch.remark().isEmpty()) {
      isHealthProblemSaid = true;
      log.say("%s: counts as a sign of life; is the URL right?", watch.remark());
    }
  }

  private Ending killHanging(Child child, String why, boolean hasNeverAnswered)
      throws InterruptedException {
    log.say(
        "agent (process %d) does not answer: %s. Its threads are asked for (SIGQUIT), then it is"
            + " killed",
        child.pid(), why);
    child.sampleMemory();
    List<String> dump = child.threadDump();
    child.kill();
    return new Ending(false, "killed by this supervisor: " + why, dump, hasNeverAnswered);
  }

  /** Says and records what happened and waits as long as is right; a status when it gives up. */
  private Optional<Integer> afterEnd(Child child, Ending ending) throws InterruptedException {
    RestartPolicy policy = options.restarts();
    Duration life = child.life();
    int status = child.status();
    String end = ExitText.of(status, child.isKilled());
    log.say("agent (process %d) %s, %s after its start", child.pid(), end, seconds(life));
    record(child, ending, end, life);
    // However long it was given, one that never answered has not lived.
    shortLives = policy.shortLives(shortLives, ending.hasNeverAnswered() ? Duration.ZERO : life);
    if (status == ExitText.NOT_UNDERSTOOD && !wasUp) {
      log.say("its options cannot get better by themselves (see its message above): given up");
      return Optional.of(ExitText.NOT_UNDERSTOOD);
    }
    if (policy.givesUp(shortLives)) {
      log.say(
          "it has ended %d times in a row within %s of its start: given up (--give-up-after)",
          shortLives, seconds(policy.steadyAfter()));
      return Optional.of(ExitText.FAILED);
    }
    Duration pause = policy.pause(shortLives);
    if (status == ExitText.FAILED && !wasUp) {
      log.say(
          "it has not run yet: its configuration cannot run as it is (see its message above). It is"
              + " started again in case that is put right");
    }
    if (shortLives >= STORM
        && Integer.bitCount(shortLives / STORM) == 1
        && shortLives % STORM == 0) {
      log.say(
          "the agent has ended %d times in a row within %s of its start. It is tried again and"
              + " again, at the longest every %s; something has to be put right",
          shortLives, seconds(policy.steadyAfter()), seconds(policy.maxPause()));
    }
    log.say("started again %s", pause.isZero() ? "at once" : "in " + seconds(pause));
    return exit.await(pause) ? Optional.of(ExitText.STOPPED) : Optional.empty();
  }

  private void record(Child child, Ending ending, String end, Duration life)
      throws InterruptedException {
    if (crashes.isEmpty()) {
      return;
    }
    Path report = words.jvmReport(Path.of("").toAbsolutePath(), child.pid());
    CrashRecord record =
        new CrashRecord(
            clock.instant(),
            words.shown(),
            child.pid(),
            child.startedAt(),
            life,
            restarts,
            end,
            ending.cause,
            child.memory(),
            hostMemory(),
            child.lastLines(),
            ending.threadDump,
            CrashDirectory.read(report));
    try {
      log.say("crash record: %s", crashes.get().write(record));
    } catch (IOException e) {
      log.say("no crash record could be written: %s", e);
    }
  }

  private static String hostMemory() {
    try {
      return String.join(
          "; ",
          Files.readAllLines(Path.of("/proc/meminfo")).stream()
              .filter(line -> line.matches("(MemTotal|MemAvailable|SwapFree):.*"))
              .map(line -> line.replaceAll("\\s+", " "))
              .toList());
    } catch (IOException e) {
      return "not known: " + e.getMessage();
    }
  }

  /** Ends the agent in order, or for want of that by force. */
  private int stop(Child child) throws InterruptedException {
    log.say(
        "told to stop: so is the agent (process %d); it has %s",
        child.pid(), seconds(options.stopLimit()));
    child.terminate();
    if (!child.awaitEnd(options.stopLimit())) {
      String cause = "it did not stop within " + seconds(options.stopLimit());
      log.say("%s: its threads are asked for (SIGQUIT), then it is killed", cause);
      List<String> dump = child.threadDump();
      child.kill();
      record(
          child,
          new Ending(true, "killed by this supervisor: " + cause, dump),
          ExitText.of(child.status(), true),
          child.life());
      return ExitText.FAILED;
    }
    int status = child.status();
    child.lastLines();
    // The signal itself ends an agent that has only just been started, and has nothing to stop.
    boolean isInOrder = status == ExitText.STOPPED || status == ExitText.TERMINATED;
    log.say(isInOrder ? "agent stopped in order" : "agent %s", ExitText.of(status, false));
    return isInOrder ? ExitText.STOPPED : ExitText.FAILED;
  }

  private static String seconds(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis / 1000.0 + " s";
  }
}
