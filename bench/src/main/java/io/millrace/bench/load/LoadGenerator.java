/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps a source busy from one thread: frames are laid out before, nothing is allocated per
 * request, so that what is measured is the source. Its own CPU time is reported with the result.
 *
 * <p>Bounded by {@link #stop} and by the number of requests, which is kept exactly. Counts only
 * what was acknowledged.
 */
public final class LoadGenerator implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration SELECT_TIMEOUT = Duration.ofMillis(100);

  private final Ledger ledger = new Ledger();
  private final List<Connection> connections;
  private final Selector selector;
  private final RequestBudget budget;
  private final Thread thread;
  private volatile boolean isStopping;
  private volatile RuntimeException failure;

  private LoadGenerator(Selector selector, List<Connection> connections, RequestBudget budget) {
    this.selector = selector;
    this.connections = connections;
    this.budget = budget;
    this.thread = new Thread(this::run, "load");
  }

  /** Connects all clients and begins to send. */
  public static LoadGenerator start(InetSocketAddress address, Scenario scenario, long maxRequests)
      throws IOException {
    Selector selector = Selector.open();
    RequestBudget budget = new RequestBudget(maxRequests);
    List<Connection> connections = new ArrayList<>();
    for (int client = 0; client < scenario.clients(); client++) {
      connections.add(Connection.open(address, selector, scenario, client, budget));
    }
    LoadGenerator load = new LoadGenerator(selector, connections, budget);
    load.thread.start();
    return load;
  }

  public Ledger ledger() {
    return ledger;
  }

  /** CPU time of the load thread so far. */
  public double cpuSeconds() {
    return Math.max(0, ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId())) / 1e9;
  }

  public boolean isRunning() {
    return thread.isAlive();
  }

  /** Throws what ended the load early, if anything did. */
  public void check() {
    if (failure != null) {
      throw failure;
    }
  }

  private void run() {
    try {
      for (Connection connection : connections) {
        connection.send();
      }
      long stopDeadlineNanos = 0;
      while (true) {
        if (stopDeadlineNanos == 0 && (isStopping || budget.isSpent())) {
          connections.forEach(Connection::stop);
          stopDeadlineNanos = System.nanoTime() + STOP_TIMEOUT.toNanos();
        }
        if (stopDeadlineNanos != 0) {
          if (connections.stream().allMatch(Connection::isIdle)) {
            return;
          }
          if (System.nanoTime() - stopDeadlineNanos > 0) {
            throw new IOException("answers still missing after " + STOP_TIMEOUT);
          }
        }
        selector.select(this::serve, SELECT_TIMEOUT.toMillis());
      }
    } catch (IOException e) {
      failure = new UncheckedIOException(e);
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void serve(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (key.isReadable()) {
        connection.receive(ledger);
      }
      connection.send();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends no more, waits for the answers under way, and closes the connections. */
  public void stop() throws InterruptedException {
    isStopping = true;
    selector.wakeup();
    thread.join();
    check();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    isStopping = true;
    selector.wakeup();
    thread.join();
    for (Connection connection : connections) {
      connection.close();
    }
    selector.close();
  }
}
