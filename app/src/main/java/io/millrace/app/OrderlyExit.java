/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import sun.misc.Signal;

/**
 * Turns SIGTERM and SIGINT into a request that the command's own thread answers, and lets that
 * thread choose the exit status: a JVM that merely runs its hooks ends with 143 or 130, which
 * service managers take for a failure. Safe for many threads.
 */
public final class OrderlyExit {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch hurried = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Duration limit;
  private final Thread hook = new Thread(this::onShutdown, "millrace/process/exit");
  private volatile int status = 1;

  private OrderlyExit(Duration limit) {
    this.limit = limit;
  }

  /**
   * Begins to answer signals.
   *
   * @param limit after which the process ends even if {@link #end} was not called, with status 1
   */
  public static OrderlyExit install(Duration limit) {
    OrderlyExit exit = new OrderlyExit(limit);
    Runtime.getRuntime().addShutdownHook(exit.hook);
    return exit;
  }

  /** Asks for the end from within. */
  public void request() {
    requested.countDown();
  }

  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Waits until the end is asked for. */
  public void await() throws InterruptedException {
    requested.await();
  }

  /**
   * Waits until the end is asked for, at most {@code time}.
   *
   * @return whether it is asked for
   */
  public boolean await(Duration time) throws InterruptedException {
    return requested.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Waits while nobody is in a hurry: until the end is asked for once more, at most {@code time}.
   *
   * @return whether it was
   */
  public boolean awaitHurry(Duration time) throws InterruptedException {
    return hurried.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Everything is done: the process may end with this status. Returns it. */
  public int end(int exitStatus) {
    status = exitStatus;
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return exitStatus; // a signal began the end: the hook runs, and ends the process
    }
    return exitStatus;
  }

  private void onShutdown() {
    if (isRequested()) {
      hurried.countDown();
    }
    requested.countDown();
    hurryAtTheNextSignal();
    try {
      if (!ended.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        status = 1;
        LogManager.getLogger(OrderlyExit.class)
            .error(
                "The stop did not end within {} s: the process ends as it is", limit.toSeconds());
      }
    } catch (InterruptedException e) {
      status = 1;
    }
    LogManager.shutdown();
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(status);
  }

  /** While its hooks run the JVM has no ears for signals, unless somebody listens anew. */
  private void hurryAtTheNextSignal() {
    for (String name : List.of("TERM", "INT")) {
      try {
        Signal.handle(new Signal(name), signal -> hurried.countDown());
      } catch (IllegalArgumentException e) {
        LogManager.getLogger(OrderlyExit.class)
            .debug("A second SIG{} cannot be heard: {}", name, e.getMessage());
      }
    }
  }
}
