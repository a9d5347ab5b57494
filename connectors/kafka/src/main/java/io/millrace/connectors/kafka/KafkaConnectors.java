/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import io.millrace.connectors.kafka.channel.KafkaChannelOptions;
import io.millrace.connectors.kafka.sink.KafkaSinkOptions;
import io.millrace.connectors.kafka.source.KafkaSourceOptions;
import java.util.List;

/** The components of this module; {@code META-INF/millrace/components.tsv} names them too. */
public final class KafkaConnectors implements ComponentCatalog {
  @Override
  public List<Class<? extends ComponentOptions>> components() {
    return List.of(KafkaSourceOptions.class, KafkaChannelOptions.class, KafkaSinkOptions.class);
  }
}
