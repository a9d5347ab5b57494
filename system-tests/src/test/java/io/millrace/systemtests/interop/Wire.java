/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The ways in which two ends may speak: the columns of the tables. */
enum Wire {
  AVRO("Avro", "avro", false, false),
  AVRO_DEFLATE("Avro, deflate", "avro", true, false),
  AVRO_TLS("Avro, TLS", "avro", false, true),
  AVRO_TLS_DEFLATE("Avro, TLS and deflate", "avro", true, true),
  THRIFT("Thrift compact", "compact", false, false),
  THRIFT_BINARY("Thrift binary", "binary", false, false),
  THRIFT_TLS("Thrift compact, TLS", "compact", false, true);

  private static final String PASSWORD = "changeit";

  private final String title;
  private final String protocol;
  private final boolean isCompressed;
  private final boolean isSecret;

  Wire(String title, String protocol, boolean isCompressed, boolean isSecret) {
    this.title = title;
    this.protocol = protocol;
    this.isCompressed = isCompressed;
    this.isSecret = isSecret;
  }

  String title() {
    return title;
  }

  boolean isThrift() {
    return !protocol.equals("avro");
  }

  /** Whether it is over TLS. */
  boolean isSecret() {
    return isSecret;
  }

  /** Its name within configurations and of directories. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The options of the listening end, type included. */
  Map<String, String> sourceOptions(Path keyStore) {
    Map<String, String> options = common();
    if (isSecret) {
      options.put("keystore", keyStore.toString());
      options.put("keystore-password", PASSWORD);
      options.put("keystore-type", "PKCS12");
    }
    return options;
  }

  /** The options of a calling sink, type included. */
  Map<String, String> sinkOptions(Path trustStore) {
    Map<String, String> options = common();
    if (isSecret) {
      options.put("truststore", trustStore.toString());
      options.put("truststore-password", PASSWORD);
      options.put("truststore-type", "PKCS12");
    }
    return options;
  }

  /**
   * The properties of an RPC client of Flume, but for its hosts and its type where that is Avro.
   */
  Map<String, String> clientProperties(Path trustStore) {
    Map<String, String> properties = sinkOptions(trustStore);
    properties.remove("type");
    if (isThrift()) {
      properties.put("client.type", "thrift");
    }
    return properties;
  }

  private Map<String, String> common() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("type", isThrift() ? "thrift" : "avro");
    if (isThrift()) {
      options.put("protocol", protocol);
    }
    if (isCompressed) {
      options.put("compression-type", "deflate");
    }
    if (isSecret) {
      options.put("ssl", "true");
    }
    return options;
  }
}
