/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Component;
import io.millrace.api.ComponentCatalog;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class KafkaConnectorsTest {
  @Test
  void catalogAndTableNameTheSameComponents() throws Exception {
    List<String> declared =
        ServiceLoader.load(ComponentCatalog.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(KafkaConnectors.class::isInstance)
            .flatMap(catalog -> catalog.components().stream())
            .map(type -> type.getAnnotation(Component.class))
            .map(
                component ->
                    component.kind().name().toLowerCase(Locale.ROOT)
                        + "\t"
                        + component.name()
                        + "\t"
                        + String.join(",", component.flumeClasses()))
            .toList();
    try (InputStream table =
        KafkaConnectors.class.getResourceAsStream("/META-INF/millrace/components.tsv")) {
      assertThat(new String(table.readAllBytes(), StandardCharsets.UTF_8).lines())
          .containsExactlyInAnyOrderElementsOf(declared)
          .hasSize(3);
    }
  }
}
