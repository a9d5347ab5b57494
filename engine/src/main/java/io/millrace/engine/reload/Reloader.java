/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.reload;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.TransientException;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.reload.ReloadResult.Outcome;
import io.millrace.engine.runtime.Agent;
import io.millrace.engine.runtime.TopologyChange;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a running agent to what its files say, all of it or nothing. What cannot run is said, and
 * stands in the agent's metrics as {@code ConfigurationBroken} until the files are in order again.
 * Reloads come one after the other. Guarded by {@code this}.
 */
public final class Reloader {
  private static final Logger log = LoggerFactory.getLogger(Reloader.class);

  /** Lines of one refusal in the log; {@code millrace check} shows them all. */
  private static final int MAX_SAID_PROBLEMS = 100;

  private final Agent agent;
  private final ConfigurationFiles files;
  private final Listener listener;
  private final Counter applied;
  private final Counter refused;
  private volatile boolean isBroken;
  private volatile long lastAppliedMillis;

  /** Of the contents that were tried last. */
  private String triedFingerprint;

  private List<String> saidProblems = List.of();

  /**
   * @param fingerprint that the files had before {@code agent}'s definition was read: what changed
   *     since is found by the first look
   */
  public Reloader(Agent agent, ConfigurationFiles files, String fingerprint) {
    this(agent, files, fingerprint, Listener.NONE);
  }

  /** As the other; {@code listener} is told of each change that is tried. */
  public Reloader(Agent agent, ConfigurationFiles files, String fingerprint, Listener listener) {
    this.listener = listener;
    this.agent = agent;
    this.files = files;
    this.triedFingerprint = fingerprint;
    ComponentMetrics metrics = agent.metrics().component(MetricKind.AGENT, agent.name());
    applied = metrics.counter("ConfigurationAppliedCount");
    refused = metrics.counter("ConfigurationRefusedCount");
    metrics.gauge("ConfigurationBroken", () -> isBroken ? 1 : 0);
    metrics.gauge("ConfigurationAppliedTime", () -> lastAppliedMillis);
    metrics.started(System.currentTimeMillis());
    lastAppliedMillis = System.currentTimeMillis();
  }

  /** Is told, before and after, that a configuration that can be read is applied. */
  public interface Listener {
    Listener NONE =
        new Listener() {
          @Override
          public void applying() {}

          @Override
          public void done() {}
        };

    void applying();

    /** It is applied, or was refused and the one before runs on. */
    void done();
  }

  /** Whether what stands in the files could not be applied when it was last tried. */
  public boolean isBroken() {
    return isBroken;
  }

  /**
   * Reads the files and applies what they say. Returns once every component that is new has been
   * tried, which may take as long as the stop of an agent.
   *
   * @param reason what asked for it, for the log
   */
  public synchronized ReloadResult reload(String reason) {
    log.info("Agent {}: the configuration is read again ({})", agent.name(), reason);
    saidProblems = List.of();
    return reload(true);
  }

  /**
   * Whether there is something to try: contents that were not tried yet; or such as were refused,
   * for the cause may lie outside (a key store, a permission).
   */
  synchronized Optional<String> newFingerprint() {
    String now = files.fingerprint();
    return now.equals(triedFingerprint) && !isBroken ? Optional.empty() : Optional.of(now);
  }

  /** As {@link #reload(String)}, of a look at the files that nobody asked for: says less. */
  synchronized ReloadResult reloadAfterLook() {
    return reload(false);
  }

  private ReloadResult reload(boolean isAskedFor) {
    // First: what changes while it is read is found by the next look.
    triedFingerprint = files.fingerprint();
    AgentResult read;
    TopologyChange change;
    try {
      read = files.read();
      if (read.agent().isEmpty()) {
        return refuse(
            read.problems().stream().filter(Problem::isError).map(Problem::text).toList());
      }
      change = apply(read.agent().get());
    } catch (ConfigurationException e) {
      return refuse(List.of(e.getMessage()));
    } catch (TransientException e) {
      isBroken = true;
      log.warn("Agent {}: the configuration is not applied now: {}", agent.name(), e.getMessage());
      return new ReloadResult(Outcome.REFUSED, List.of(e.getMessage()));
    } catch (RuntimeException | Error e) {
      // Broken, so that the next look tries again: the change may have come half way.
      isBroken = true;
      log.error(
          "Agent {}: the configuration is not applied, by a defect; it is tried again",
          agent.name(),
          e);
      return new ReloadResult(Outcome.REFUSED, List.of("a defect: " + e));
    }
    boolean isRepaired = isBroken;
    isBroken = false;
    saidProblems = List.of();
    if (change.isEmpty()) {
      if (isRepaired) {
        log.info("Agent {}: the configuration is in order again; it is what runs", agent.name());
      } else if (isAskedFor) {
        log.info("Agent {}: nothing in the configuration has changed", agent.name());
      }
      return new ReloadResult(Outcome.UNCHANGED, List.of());
    }
    sayRemarks(read.problems());
    applied.increment();
    lastAppliedMillis = System.currentTimeMillis();
    return new ReloadResult(Outcome.APPLIED, change.lines());
  }

  private TopologyChange apply(AgentDefinition next) {
    listener.applying();
    try {
      return agent.apply(next);
    } finally {
      listener.done();
    }
  }

  private void sayRemarks(List<Problem> problems) {
    for (Problem problem : problems) {
      if (problem.severity() == Severity.HINT) {
        log.info("{}", problem.text());
      } else {
        log.warn("{}", problem.text());
      }
    }
  }

  /** The same problems again are said only to somebody who asks. */
  private ReloadResult refuse(List<String> problems) {
    isBroken = true;
    if (!problems.equals(saidProblems)) {
      refused.increment();
      log.error(
          "Agent {}: the configuration cannot run; the agent goes on with the one before. {}:",
          agent.name(),
          problems.size() == 1 ? "1 problem" : problems.size() + " problems");
      problems.stream().limit(MAX_SAID_PROBLEMS).forEach(problem -> log.error("{}", problem));
      saidProblems = problems;
    }
    return new ReloadResult(Outcome.REFUSED, problems);
  }
}
