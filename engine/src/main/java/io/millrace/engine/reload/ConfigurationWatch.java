/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.reload;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the configuration files every so often, and reloads when they hold something new; also
 * when it is asked to. What is found by looking must hold still for a moment first, so that a file
 * that is being written is not taken for a whole one. Guarded by {@code this}; works on a thread of
 * its own.
 */
public final class ConfigurationWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigurationWatch.class);

  /** How long contents must stay the same before they are taken. */
  static final Duration SETTLING = Duration.ofMillis(500);

  private final Reloader reloader;
  private final Optional<Duration> interval;
  private final Duration settling;
  private final Thread thread;
  private String request = "";
  private boolean isClosed;

  private ConfigurationWatch(Reloader reloader, Optional<Duration> interval, Duration settling) {
    this.reloader = reloader;
    this.interval = interval;
    this.settling = settling;
    this.thread = new Thread(this::watch, "millrace/configuration/watch");
    thread.setDaemon(true);
  }

  /**
   * Watches from now on.
   *
   * @param interval between two looks at the files; empty when nothing is to be done but what is
   *     asked for
   */
  public static ConfigurationWatch start(Reloader reloader, Optional<Duration> interval) {
    return start(reloader, interval, SETTLING);
  }

  static ConfigurationWatch start(
      Reloader reloader, Optional<Duration> interval, Duration settling) {
    ConfigurationWatch watch = new ConfigurationWatch(reloader, interval, settling);
    watch.thread.start();
    return watch;
  }

  /** Has the files read as soon as may be; returns at once. */
  public synchronized void request(String reason) {
    request = reason;
    notifyAll();
  }

  private void watch() {
    try {
      while (awaitNextLook()) {
        try {
          act();
        } catch (RuntimeException | Error e) {
          // Without this thread no change would ever be seen again.
          log.error("A look at the configuration files failed; the next one comes", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void act() throws InterruptedException {
    String reason = takeRequest();
    if (!reason.isEmpty()) {
      reloader.reload(reason);
      return;
    }
    Optional<String> found = reloader.newFingerprint();
    if (found.isEmpty()) {
      return;
    }
    Optional<String> before = Optional.empty();
    while (!found.equals(before) && awaitSettling()) {
      before = found;
      found = reloader.newFingerprint();
    }
    if (found.isPresent() && found.equals(before)) {
      reloader.reloadAfterLook();
    }
  }

  private synchronized String takeRequest() {
    String taken = request;
    request = "";
    return taken;
  }

  private synchronized boolean awaitNextLook() throws InterruptedException {
    long begin = System.nanoTime();
    while (!isClosed && request.isEmpty()) {
      if (interval.isEmpty()) {
        wait();
      } else {
        long millis = interval.get().toMillis() - (System.nanoTime() - begin) / 1_000_000;
        if (millis <= 0) {
          return true;
        }
        wait(millis);
      }
    }
    return !isClosed;
  }

  /** False when there is something more urgent than waiting. */
  private synchronized boolean awaitSettling() throws InterruptedException {
    long deadline = System.nanoTime() + settling.toNanos();
    long millis;
    while (!isClosed
        && request.isEmpty()
        && (millis = (deadline - System.nanoTime()) / 1_000_000) > 0) {
      wait(millis);
    }
    return !isClosed && request.isEmpty();
  }

  /** Starts nothing more; a reload under way goes on. */
  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }
}
