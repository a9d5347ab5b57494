/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What TLS options fall back to when a component does not set them: a system property, then an
 * environment variable. They never turn TLS on. Immutable.
 */
public final class TlsFallbacks {
  /** As Flume has it for what is process-wide: commas, blanks, or both. */
  private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");

  private final UnaryOperator<String> properties;
  private final UnaryOperator<String> environment;

  /** Each gives a value by name, or null. */
  public TlsFallbacks(UnaryOperator<String> properties, UnaryOperator<String> environment) {
    this.properties = properties;
    this.environment = environment;
  }

  /** Those of this process. */
  public static TlsFallbacks ofProcess() {
    return new TlsFallbacks(System::getProperty, System::getenv);
  }

  public Optional<String> keystorePath() {
    return value("javax.net.ssl.keyStore", "FLUME_SSL_KEYSTORE_PATH");
  }

  public Optional<String> keystorePassword() {
    return value("javax.net.ssl.keyStorePassword", "FLUME_SSL_KEYSTORE_PASSWORD");
  }

  public Optional<String> keystoreType() {
    return value("javax.net.ssl.keyStoreType", "FLUME_SSL_KEYSTORE_TYPE");
  }

  public Optional<String> truststorePath() {
    return value("javax.net.ssl.trustStore", "FLUME_SSL_TRUSTSTORE_PATH");
  }

  public Optional<String> truststorePassword() {
    return value("javax.net.ssl.trustStorePassword", "FLUME_SSL_TRUSTSTORE_PASSWORD");
  }

  public Optional<String> truststoreType() {
    return value("javax.net.ssl.trustStoreType", "FLUME_SSL_TRUSTSTORE_TYPE");
  }

  List<String> includeProtocols() {
    return list("flume.ssl.include.protocols", "FLUME_SSL_INCLUDE_PROTOCOLS");
  }

  List<String> excludeProtocols() {
    return list("flume.ssl.exclude.protocols", "FLUME_SSL_EXCLUDE_PROTOCOLS");
  }

  List<String> includeCipherSuites() {
    return list("flume.ssl.include.cipherSuites", "FLUME_SSL_INCLUDE_CIPHERSUITES");
  }

  List<String> excludeCipherSuites() {
    return list("flume.ssl.exclude.cipherSuites", "FLUME_SSL_EXCLUDE_CIPHERSUITES");
  }

  private Optional<String> value(String property, String variable) {
    String value = properties.apply(property);
    return Optional.ofNullable(value != null ? value : environment.apply(variable));
  }

  private List<String> list(String property, String variable) {
    return value(property, variable)
        .map(
            text ->
                List.of(SEPARATOR.split(text)).stream().filter(item -> !item.isEmpty()).toList())
        .orElse(List.of());
  }
}
