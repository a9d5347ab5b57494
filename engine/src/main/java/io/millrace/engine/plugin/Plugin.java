/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.zip.ZipFile;
import org.slf4j.LoggerFactory;

/**
 * A plug-in: known by its index, loaded at most once, when one of its components is asked for.
 * Guarded by {@code this}.
 */
public final class Plugin {
  private final PluginScan.Found found;
  private final ClassLoader agent;
  private List<Class<? extends ComponentOptions>> records;

  Plugin(PluginScan.Found found, ClassLoader agent) {
    this.found = found;
    this.agent = agent;
  }

  public PluginDirectory directory() {
    return found.directory();
  }

  public String name() {
    return found.directory().name();
  }

  /** What it says it has, without being loaded. */
  public List<IndexEntry> index() {
    return found.index();
  }

  /** Whether it has components but does not say which, so that it must be loaded to know. */
  public boolean isUnindexed() {
    return found.index().isEmpty() && found.hasCatalog();
  }

  public boolean has(ComponentKind kind, String name) {
    return found.index().stream()
        .anyMatch(entry -> entry.kind() == kind && entry.name().equalsIgnoreCase(name));
  }

  /** Whether its classes have been asked for, with success. */
  public synchronized boolean isLoaded() {
    return records != null;
  }

  /**
   * The records of its components; loads it the first time. A failure is not remembered: the next
   * call may find it repaired.
   */
  public synchronized List<Class<? extends ComponentOptions>> records()
      throws PluginUnusableException {
    if (records == null) {
      records = List.copyOf(load());
    }
    return records;
  }

  private List<Class<? extends ComponentOptions>> load() throws PluginUnusableException {
    checkJars();
    PluginClassLoader loader = new PluginClassLoader(directory(), agent);
    try (ContextLoader ignored = ContextLoader.set(loader)) {
      List<Class<? extends ComponentOptions>> components = new ArrayList<>();
      // The agent's catalogs are found through the parent too.
      ServiceLoader.load(ComponentCatalog.class, loader).stream()
          .filter(provider -> provider.type().getClassLoader() == loader)
          .forEach(provider -> components.addAll(provider.get().components()));
      return components;
    } catch (ServiceConfigurationError | LinkageError e) {
      close(loader);
      PluginFault fault = PluginFault.of(directory(), e);
      throw new PluginUnusableException(fault.message(), fault.remedy(), e);
    } catch (RuntimeException e) {
      close(loader);
      throw new PluginUnusableException(
          "the " + directory() + " failed to say what it has: " + e, "", e);
    }
  }

  /** A class loader passes over a jar that it cannot read; classes would be missing in silence. */
  private void checkJars() throws PluginUnusableException {
    for (Path jar : directory().jars()) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        zip.size();
      } catch (IOException e) {
        throw new PluginUnusableException(
            "the jar " + jar + " of the plug-in " + name() + " is damaged: " + e.getMessage(),
            "Install it again.",
            e);
      }
    }
  }

  private static void close(PluginClassLoader loader) {
    try {
      loader.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(Plugin.class)
          .debug("Could not close the loader of the {}", loader.plugin(), e);
    }
  }
}
