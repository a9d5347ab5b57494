/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

/** Where the collector of the demo stores. */
public enum StoreKind {
  FILES("collector.conf", "", ""),
  HDFS("collector-hdfs.conf", "io.millrace.servers.hdfs.HdfsServer", "/demo"),
  KAFKA("collector-kafka.conf", "io.millrace.servers.kafka.KafkaServerMain", "demo");

  private final String template;
  private final String serverClass;
  private final String place;

  StoreKind(String template, String serverClass, String place) {
    this.template = template;
    this.serverClass = serverClass;
    this.place = place;
  }

  /** The collector's configuration, among the examples. */
  String template() {
    return template;
  }

  boolean hasServer() {
    return !serverClass.isEmpty();
  }

  String serverClass() {
    return serverClass;
  }

  /** The directory or topic on the server. */
  String place() {
    return place;
  }

  /** Prints what is stored at an address, as it is stored. */
  String readBackClass() {
    return switch (this) {
      case FILES -> "";
      case HDFS -> "io.millrace.servers.hdfs.HdfsReadBack";
      case KAFKA -> "io.millrace.servers.kafka.KafkaReadBack";
    };
  }

  /** As after {@code --store}. */
  String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
