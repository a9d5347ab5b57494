/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import java.util.List;

/** The components of this module. Immutable. */
public final class HadoopComponents implements ComponentCatalog {
  @Override
  public List<Class<? extends ComponentOptions>> components() {
    return List.of(HdfsSinkOptions.class, AvroSchemaSerializerOptions.class);
  }
}
