/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

/**
 * The context class loader of this thread for the length of a block. Libraries look there for
 * classes that are named in files. Confined to the thread that made it.
 */
public final class ContextLoader implements AutoCloseable {
  private final ClassLoader before;

  private ContextLoader(ClassLoader before) {
    this.before = before;
  }

  /** Sets {@code loader} until the result is closed. */
  public static ContextLoader set(ClassLoader loader) {
    Thread thread = Thread.currentThread();
    ContextLoader context = new ContextLoader(thread.getContextClassLoader());
    thread.setContextClassLoader(loader);
    return context;
  }

  /** As {@link #set}, for a class of a plug-in; nothing changes for one of the agent. */
  public static ContextLoader of(Class<?> type) {
    return set(
        PluginClassLoader.of(type)
            .map(ClassLoader.class::cast)
            .orElseGet(() -> Thread.currentThread().getContextClassLoader()));
  }

  @Override
  public void close() {
    Thread.currentThread().setContextClassLoader(before);
  }
}
