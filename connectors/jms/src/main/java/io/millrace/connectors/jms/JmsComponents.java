/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import java.util.List;

/** The components of this module; {@code META-INF/millrace/components.tsv} lists the same. */
public final class JmsComponents implements ComponentCatalog {
  @Override
  public List<Class<? extends ComponentOptions>> components() {
    return List.of(JmsSourceOptions.class, DefaultConverterOptions.class);
  }
}
