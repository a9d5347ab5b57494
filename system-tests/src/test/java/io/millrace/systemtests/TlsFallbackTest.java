/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A source and a sink with nothing but {@code ssl = true} take stores, protocols and cipher suites
 * from the process.
 */
final class TlsFallbackTest {
  private static final String CIPHER = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";

  private enum From {
    ENVIRONMENT,
    PROPERTIES
  }

  @RegisterExtension final Scene scene = new Scene();

  @ParameterizedTest
  @EnumSource
  void whatNoComponentSetsComesFromTheProcess(From from)
      throws IOException, GeneralSecurityException {
    Path key = Link.newKeyStore(scene.directory());
    Path store = scene.directory("store");
    int port = Ports.free();
    AgentProcess agent =
        from == From.ENVIRONMENT
            ? scene.millrace("agent", conf(port, store))
            : scene.millrace("agent", conf(port, store), properties(key));
    if (from == From.ENVIRONMENT) {
      environment(key).forEach(agent::environment);
    }
    agent.startAndAwait();
    Conditions.await(
        "events pass over TLS",
        Duration.ofSeconds(120),
        () -> Store.of(store).distinctLineCount() >= 100);
    assertThat(isServed(port, "TLSv1.2", CIPHER)).isTrue();
    assertThat(isServed(port, "TLSv1.3", "TLS_AES_128_GCM_SHA256")).isFalse();
    assertThat(isServed(port, "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")).isFalse();
    agent.stop();
  }

  private static boolean isServed(int port, String protocol, String cipher)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyCertificate()}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(Ports.connect(port), "x", port, true)) {
      socket.setEnabledProtocols(new String[] {protocol});
      socket.setEnabledCipherSuites(new String[] {cipher});
      socket.startHandshake();
      return true;
    } catch (SSLException e) {
      return false;
    }
  }

  private static Map<String, String> environment(Path key) {
    return Map.of(
        "FLUME_SSL_KEYSTORE_PATH", key.toString(),
        "FLUME_SSL_KEYSTORE_PASSWORD", "changeit",
        "FLUME_SSL_KEYSTORE_TYPE", "PKCS12",
        "FLUME_SSL_TRUSTSTORE_PATH", key.toString(),
        "FLUME_SSL_TRUSTSTORE_PASSWORD", "changeit",
        "FLUME_SSL_TRUSTSTORE_TYPE", "PKCS12",
        "FLUME_SSL_INCLUDE_PROTOCOLS", "TLSv1.2,TLSv1.3",
        "FLUME_SSL_EXCLUDE_PROTOCOLS", "TLSv1.3",
        "FLUME_SSL_INCLUDE_CIPHERSUITES", CIPHER + ",TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "FLUME_SSL_EXCLUDE_CIPHERSUITES", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  }

  private static String[] properties(Path key) {
    return new String[] {
      "-Djavax.net.ssl.keyStore=" + key,
      "-Djavax.net.ssl.keyStorePassword=changeit",
      "-Djavax.net.ssl.keyStoreType=PKCS12",
      "-Djavax.net.ssl.trustStore=" + key,
      "-Djavax.net.ssl.trustStorePassword=changeit",
      "-Djavax.net.ssl.trustStoreType=PKCS12",
      "-Dflume.ssl.include.protocols=TLSv1.2,TLSv1.3",
      "-Dflume.ssl.exclude.protocols=TLSv1.3",
      "-Dflume.ssl.include.cipherSuites=" + CIPHER + ",TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "-Dflume.ssl.exclude.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    };
  }

  private static String conf(int port, Path store) {
    return """
        a1.sources = numbers secure
        a1.channels = near far
        a1.sinks = uplink store
        a1.sources.numbers.type = seq
        a1.sources.numbers.totalEvents = 100
        a1.sources.numbers.channels = near
        a1.channels.near.type = memory
        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %1$d
        a1.sinks.uplink.ssl = true
        a1.sinks.uplink.channel = near
        a1.sources.secure.type = avro
        a1.sources.secure.bind = 127.0.0.1
        a1.sources.secure.port = %1$d
        a1.sources.secure.ssl = true
        a1.sources.secure.channels = far
        a1.channels.far.type = memory
        %2$s
        a1.sinks.store.channel = far
        """
        .formatted(port, Confs.fileRoll("store", store));
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
