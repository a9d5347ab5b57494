/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.plugin.PluginClassLoader;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a component's threads, named {@code agent/kind/component/role} and, from the second of a
 * role on, numbered. A thread that ends by an exception is said, and told to whoever looks after
 * the component. Safe for many threads.
 */
final class ComponentThreads implements ThreadFactory {
  private static final Logger log = LoggerFactory.getLogger(ComponentThreads.class);

  private final String name;
  private final Consumer<Throwable> failure;
  private final Optional<PluginClassLoader> loader;
  private final AtomicInteger made = new AtomicInteger();

  ComponentThreads(String agent, String kind, String component, String role) {
    this(agent, kind, component, role, error -> {}, Optional.empty());
  }

  /**
   * @param loader of the plug-in that the threads work for
   */
  ComponentThreads(
      String agent,
      String kind,
      String component,
      String role,
      Consumer<Throwable> failure,
      Optional<PluginClassLoader> loader) {
    this.name = agent + "/" + kind + "/" + component + "/" + role;
    this.failure = failure;
    this.loader = loader;
  }

  @Override
  public Thread newThread(Runnable task) {
    int number = made.incrementAndGet();
    Thread thread = new Thread(task, number == 1 ? name : name + "-" + number);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(this::ended);
    loader.ifPresent(thread::setContextClassLoader);
    return thread;
  }

  private void ended(Thread dead, Throwable error) {
    // First: what follows may itself need memory that there is not.
    failure.accept(error);
    log.error("Thread {} ended by a defect", dead.getName(), error);
  }
}
