/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.service;

import io.millrace.engine.reload.Reloader;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the agent does: ready, stopping, reloading, a line of status, and the signs of
 * life that its watchdog waits for. These are sent only while the agent's own supervisor turns: a
 * process that merely exists is restarted. Safe for many threads.
 */
public final class ServiceNotice implements Reloader.Listener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServiceNotice.class);

  /** How often the line of status is looked at when there is no watchdog. */
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);

  private static final int MAX_STATUS_CHARACTERS = 400;

  private final NotifySocket socket;
  private final Optional<Duration> watchdog;
  private final Supplier<Duration> sinceTurn;
  private final Supplier<String> status;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "millrace/service/notice");
            thread.setDaemon(true);
            return thread;
          });
  private String saidStatus = "";
  private boolean isLateSaid;

  private ServiceNotice(
      NotifySocket socket,
      Optional<Duration> watchdog,
      Supplier<Duration> sinceTurn,
      Supplier<String> status) {
    this.socket = socket;
    this.watchdog = watchdog;
    this.sinceTurn = sinceTurn;
    this.status = status;
  }

  /**
   * Empty when no service manager asks for it. One that asks and cannot be told is said: it will
   * take the agent for one that never starts.
   *
   * @param sinceTurn how long ago the agent last looked after its components
   * @param status of the agent, in a line
   */
  public static Optional<ServiceNotice> open(
      Map<String, String> environment, Supplier<Duration> sinceTurn, Supplier<String> status) {
    String address = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      NotifySocket socket = NotifySocket.open(address);
      return Optional.of(new ServiceNotice(socket, watchdog(environment), sinceTurn, status));
    } catch (IOException e) {
      log.error(
          "The service manager cannot be told how the agent does: {}. With Type=notify it will end"
              + " the agent after TimeoutStartSec; use Type=exec, or see docs/supervision.md",
          e.getMessage());
      return Optional.empty();
    }
  }

  /** The time within which a sign of life has to come, if this process is to give any. */
  private static Optional<Duration> watchdog(Map<String, String> environment) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String pid = environment.getOrDefault("WATCHDOG_PID", "");
    boolean isForUs = pid.isEmpty() || pid.equals(String.valueOf(ProcessHandle.current().pid()));
    return isForUs && micros.matches("[1-9][0-9]{0,17}")
        ? Optional.of(Duration.ofNanos(Long.parseLong(micros) / 1000 * 1_000_000))
        : Optional.empty();
  }

  /** The agent has started: what can run runs. Signs of life begin. */
  public synchronized void ready() {
    saidStatus = status();
    send("READY=1\nSTATUS=" + saidStatus);
    long millis = watchdog.map(time -> time.dividedBy(2)).orElse(STATUS_INTERVAL).toMillis();
    timer.scheduleAtFixedRate(this::turn, millis, Math.max(1, millis), TimeUnit.MILLISECONDS);
  }

  /** A new configuration is being taken up; {@link #done} must follow. */
  @Override
  public synchronized void applying() {
    // The clock behind nanoTime is CLOCK_MONOTONIC, as the protocol wants it.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  @Override
  public synchronized void done() {
    send("READY=1\nSTATUS=" + status());
  }

  /** The agent stops in order. */
  public synchronized void stopping() {
    timer.shutdownNow();
    send("STOPPING=1\nSTATUS=stopping in order");
  }

  private synchronized void turn() {
    String now = status();
    if (!now.equals(saidStatus)) {
      saidStatus = now;
      send("STATUS=" + now);
    }
    if (watchdog.isEmpty()) {
      return;
    }
    Duration since = sinceTurn.get();
    if (since.compareTo(watchdog.get().dividedBy(2)) < 0) {
      isLateSaid = false;
      send("WATCHDOG=1");
    } else if (!isLateSaid) {
      isLateSaid = true;
      log.error(
          "The agent has not looked after its components for {} s: no sign of life is given, and"
              + " the service manager will restart the process",
          since.toSeconds());
    }
  }

  private String status() {
    String line = status.get().replaceAll("\\p{Cntrl}", " ");
    return line.length() > MAX_STATUS_CHARACTERS ? line.substring(0, MAX_STATUS_CHARACTERS) : line;
  }

  private void send(String message) {
    try {
      socket.send(message);
    } catch (IOException e) {
      log.warn("The service manager was not told {}: {}", message.split("\n", 2)[0], e.toString());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("The notify socket was gone already: {}", e.toString());
    }
  }
}
