/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.plugin.PluginRemark;
import io.millrace.engine.plugin.Plugins;
import java.util.List;

/**
 * The components of this installation: what is on the class path, and the plug-ins in the
 * directories that the launcher names. Immutable.
 *
 * @param remarks what is amiss with the plug-ins and keeps nothing from running
 */
public record InstalledComponents(Catalog catalog, List<PluginRemark> remarks) {
  /** Name of the system property with the plug-in directories, separated as a class path is. */
  public static final String PLUGINS_PATH = "millrace.plugins.path";

  public InstalledComponents {
    remarks = List.copyOf(remarks);
  }

  /** Looks at them; loads no plug-in. */
  public static InstalledComponents find() {
    ClassLoader loader = InstalledComponents.class.getClassLoader();
    Plugins plugins = Plugins.in(System.getProperty(PLUGINS_PATH, ""), loader);
    return new InstalledComponents(Catalog.load(loader, plugins), plugins.remarks());
  }
}
