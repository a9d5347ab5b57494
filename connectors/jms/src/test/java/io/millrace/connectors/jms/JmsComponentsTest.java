/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Component;
import io.millrace.api.ComponentCatalog;
import io.millrace.api.Option;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JmsComponentsTest {
  /** Of Flume 1.11, without those that every source has. */
  private static final List<String> FLUME_OPTIONS =
      List.of(
          "initialContextFactory",
          "connectionFactory",
          "providerURL",
          "destinationName",
          "destinationType",
          "destinationLocator",
          "messageSelector",
          "userName",
          "passwordFile",
          "batchSize",
          "pollTimeout",
          "errorThreshold",
          "converter.type",
          "createDurableSubscription",
          "clientId",
          "durableSubscriptionName",
          "backoffSleepIncrement",
          "maxBackoffSleep");

  @Test
  void everyOptionOfFlumeIsDeclared() {
    assertThat(options(JmsSourceOptions.class)).containsAll(FLUME_OPTIONS);
    assertThat(options(DefaultConverterOptions.class)).contains("charset");
  }

  private static List<String> options(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(
            component -> {
              Option option = component.getAnnotation(Option.class);
              if (option == null) {
                return options(component.getType()).stream();
              }
              return Stream.of(option.name().isEmpty() ? component.getName() : option.name());
            })
        .toList();
  }

  /** The engine reads the list to know what is here without loading it. */
  @Test
  void theListOfComponentsSaysWhatTheCatalogSays() throws Exception {
    List<String> declared =
        ServiceLoader.load(ComponentCatalog.class).stream()
            .map(ServiceLoader.Provider::get)
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
    try (InputStream list =
        JmsComponents.class.getResourceAsStream("/META-INF/millrace/components.tsv")) {
      assertThat(new String(list.readAllBytes(), StandardCharsets.UTF_8).lines())
          .containsExactlyElementsOf(declared);
    }
  }
}
