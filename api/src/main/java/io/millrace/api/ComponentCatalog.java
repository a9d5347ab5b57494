/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.List;

/**
 * Lists the components of a module. Found by {@link java.util.ServiceLoader}.
 *
 * @since 0.1
 */
public interface ComponentCatalog {
  /** Records annotated with {@link Component}. */
  List<Class<? extends ComponentOptions>> components();
}
