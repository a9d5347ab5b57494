/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import io.millrace.api.ConfigurationException;
import java.util.List;
import java.util.Optional;

/** The option that names the brokers, and the answer to who names ZooKeeper instead. Stateless. */
public final class Brokers {
  public static final String OPTION = "kafka.bootstrap.servers";

  public static final String NO_ZOOKEEPER =
      "Kafka has no ZooKeeper any more: the brokers are named by kafka.bootstrap.servers, and offsets"
          + " are those that the group has in Kafka. Offsets that are in ZooKeeper only are brought"
          + " over by one run of Flume 1.7 to 1.11, or set with kafka-consumer-groups"
          + " --reset-offsets";

  private Brokers() {}

  /** The value for Kafka's client. */
  public static String checked(List<String> servers, Optional<String> zookeeper) {
    List<String> named = servers.stream().map(String::trim).filter(s -> !s.isEmpty()).toList();
    if (named.isEmpty()) {
      throw new ConfigurationException(
          OPTION,
          zookeeper.isPresent()
              ? "is required and not set; zookeeperConnect does not stand in for it: "
                  + NO_ZOOKEEPER
              : "is required and not set (expected: HOST:PORT of one broker or more)");
    }
    return String.join(",", named);
  }
}
