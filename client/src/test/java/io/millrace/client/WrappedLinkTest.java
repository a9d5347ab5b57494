/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.TransientException;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.thrift.ThriftProtocol;
import io.millrace.rpc.transport.Wrapping;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compression and TLS between client and server. */
class WrappedLinkTest {
  @TempDir static Path directory;
  static Path keyStore;

  @BeforeAll
  static void makeKey() throws Exception {
    keyStore = newKeyStore(directory);
  }

  /** A key for localhost and its certificate; the password is changeit. */
  static Path newKeyStore(Path directory) throws IOException, InterruptedException {
    Path keyStore = directory.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-alias",
                "server",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                keyStore.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    return keyStore;
  }

  private static Wrapping tls(Optional<Integer> compressionLevel) {
    ServerTlsOptions options =
        new ServerTlsOptions(
            true,
            Optional.of(keyStore),
            Optional.of("changeit"),
            Optional.of("PKCS12"),
            TlsSelectionOptions.defaults());
    return new Wrapping(compressionLevel, options.engines(TlsFallbacks.ofProcess()));
  }

  private static Map<String, String> base(ToyServer server) {
    return Map.of(
        "hosts", "h1",
        "hosts.h1", "localhost:" + server.port(),
        "ssl", "true",
        "truststore", keyStore.toString(),
        "truststore-password", "changeit",
        "truststore-type", "PKCS12");
  }

  private static EventClient client(ToyServer server, Map<String, String> more) {
    Map<String, String> properties = new java.util.HashMap<>(base(server));
    properties.putAll(more);
    return FlumeProperties.read(properties).builder().build();
  }

  @Test
  void eventsArriveOverTls() throws Exception {
    try (ToyServer server = ToyServer.started(tls(Optional.empty()));
        EventClient client = client(server, Map.of())) {
      client.append(Event.ofText("secret"));
      assertThat(server.bodies()).containsExactly("secret");
    }
  }

  @ParameterizedTest
  @EnumSource(ThriftProtocol.class)
  void eventsArriveOverThriftAndTls(ThriftProtocol protocol) throws Exception {
    try (ToyServer server = ToyServer.started(new ThriftDialect(protocol), tls(Optional.empty()));
        EventClient client =
            client(server, Map.of("client.type", "thrift", "protocol", protocol.name()))) {
      client.append(Event.ofText("secret"));
      assertThat(server.bodies()).containsExactly("secret");
    }
  }

  @Test
  void eventsArriveOverTlsAndDeflate() throws Exception {
    try (ToyServer server = ToyServer.started(tls(Optional.of(6)));
        EventClient client = client(server, Map.of("compression-type", "deflate"))) {
      client.append(Event.ofText("secret ".repeat(1000)));
      assertThat(server.bodies()).containsExactly("secret ".repeat(1000));
    }
  }

  @Test
  void eventsArriveOverDeflate() throws Exception {
    try (ToyServer server = ToyServer.started(new Wrapping(Optional.of(6), Optional.empty()));
        EventClient client =
            EventClient.builder().server(server.address()).compression(9).build()) {
      client.append(Event.ofText("x".repeat(10_000)));
      assertThat(server.bodies()).containsExactly("x".repeat(10_000));
    }
  }

  @Test
  void aServerOfAnotherNameIsNotTrusted() {
    try (ToyServer server = ToyServer.started(tls(Optional.empty()));
        EventClient client = client(server, Map.of("hosts.h1", "127.0.0.1:" + server.port()))) {
      assertThatThrownBy(() -> client.append(Event.ofText("secret")))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("TLS handshake failed");
      assertThat(server.bodies()).isEmpty();
    }
  }

  @Test
  void aTrustStoreThatCannotServeIsSaidAtTheStart() {
    try (ToyServer server = ToyServer.absent()) {
      assertThatThrownBy(() -> client(server, Map.of("truststore-password", "wrong")))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("password");
    }
  }
}
