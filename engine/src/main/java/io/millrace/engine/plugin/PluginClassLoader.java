/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import io.millrace.api.ComponentOptions;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;

/**
 * The classes of one plug-in. Its own jars come before those of the agent, so that it may bring
 * another version of a library; what the two must agree on comes from the agent: the JDK, slf4j,
 * {@code io.millrace.api} and {@code io.millrace.kit}. Lives as long as the process. Safe for many
 * threads.
 */
public final class PluginClassLoader extends URLClassLoader {
  /** Taken from the agent even if the plug-in has a copy. */
  private static final List<String> SHARED_PACKAGES =
      List.of("org.slf4j.", "io.millrace.api.", "io.millrace.kit.");

  private static final ClassLoader JDK = ClassLoader.getPlatformClassLoader();

  static {
    registerAsParallelCapable();
  }

  private final PluginDirectory plugin;

  PluginClassLoader(PluginDirectory plugin, ClassLoader agent) {
    super("plugin " + plugin.name(), urls(plugin.jars()), agent);
    this.plugin = plugin;
  }

  /** The loader of the plug-in that these options come from; empty for those of the agent. */
  public static Optional<PluginClassLoader> of(ComponentOptions options) {
    return of(options.getClass());
  }

  /** The loader of the plug-in that a class comes from; empty for those of the agent. */
  public static Optional<PluginClassLoader> of(Class<?> type) {
    return type.getClassLoader() instanceof PluginClassLoader loader
        ? Optional.of(loader)
        : Optional.empty();
  }

  public PluginDirectory plugin() {
    return plugin;
  }

  private static URL[] urls(List<Path> jars) {
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      try {
        urls.add(jar.toUri().toURL());
      } catch (MalformedURLException e) {
        throw new IllegalStateException("A file always has a URL: " + jar, e);
      }
    }
    return urls.toArray(URL[]::new);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> found = findLoadedClass(name);
      if (found == null) {
        found = find(name);
      }
      if (resolve) {
        resolveClass(found);
      }
      return found;
    }
  }

  private Class<?> find(String name) throws ClassNotFoundException {
    if (SHARED_PACKAGES.stream().anyMatch(name::startsWith)) {
      return getParent().loadClass(name);
    }
    try {
      return JDK.loadClass(name);
    } catch (ClassNotFoundException e) {
      // Not the JDK's.
    }
    try {
      return findClass(name);
    } catch (ClassNotFoundException e) {
      return getParent().loadClass(name);
    }
  }

  @Override
  public URL getResource(String name) {
    URL own = findResource(name);
    return own != null ? own : super.getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    List<URL> all = new ArrayList<>(Collections.list(findResources(name)));
    all.addAll(Collections.list(getParent().getResources(name)));
    return Collections.enumeration(all);
  }

  @Override
  protected String findLibrary(String name) {
    return plugin.nativeDirectories().stream()
        .map(directory -> directory.resolve(System.mapLibraryName(name)))
        .filter(Files::isRegularFile)
        .map(library -> library.toAbsolutePath().toString())
        .findFirst()
        .orElse(null);
  }
}
