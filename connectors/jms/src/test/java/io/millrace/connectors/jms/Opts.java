/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.JmsConverterOptions;
import io.millrace.connectors.jms.JmsSourceOptions.DestinationLocator;
import io.millrace.connectors.jms.JmsSourceOptions.DestinationType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Options of sources under test: of a queue, with short pauses; changed one by one. Mutable. */
final class Opts {
  static final List<String> FACTORIES =
      List.of(
          "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory",
          "org.apache.activemq.jndi.ActiveMQInitialContextFactory");
  static final List<String> SCHEMES = List.of("tcp", "ssl", "failover");

  String contextFactory = Broker.CONTEXT_FACTORY;
  String connectionFactory = "ConnectionFactory";
  String url;
  List<String> factories = FACTORIES;
  List<String> schemes = SCHEMES;
  Map<String, String> jndi = Map.of();
  String destination = "orders";
  DestinationType type = DestinationType.QUEUE;
  DestinationLocator locator = DestinationLocator.CDI;
  Optional<String> selector = Optional.empty();
  Optional<String> user = Optional.empty();
  Optional<Path> passwordFile = Optional.empty();
  int batchSize = 100;
  JmsConverterOptions converter = new DefaultConverterOptions(StandardCharsets.UTF_8);
  String rejectedQueue = "millrace.rejected";
  boolean isDurable;
  Optional<String> clientId = Optional.empty();
  Optional<String> subscription = Optional.empty();

  Opts(String url) {
    this.url = url;
  }

  JmsSourceOptions build() {
    return new JmsSourceOptions(
        new JndiOptions(contextFactory, connectionFactory, url, factories, schemes, jndi),
        destination,
        type,
        locator,
        selector,
        user,
        passwordFile,
        batchSize,
        Duration.ofMillis(200),
        10,
        converter,
        3,
        rejectedQueue,
        isDurable,
        clientId,
        subscription,
        Duration.ofMillis(50),
        Duration.ofMillis(200));
  }
}
