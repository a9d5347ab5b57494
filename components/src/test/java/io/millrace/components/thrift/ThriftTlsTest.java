/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

import static io.millrace.components.testing.Patience.await;
import static io.millrace.components.thrift.ThriftPair.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.TransientException;
import io.millrace.components.testing.KeyStores;
import io.millrace.components.testing.ToySinkContext;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS between thrift source, thrift sink and Flume's client, and what is no TLS. */
@Timeout(300)
class ThriftTlsTest {

  private static Path keystore;
  private static Path other;

  private final ToySourceContext sourceContext = new ToySourceContext();
  private ThriftSource source;
  private ThriftSink sink;

  @BeforeAll
  static void makeKeyStores(@TempDir Path directory) throws Exception {
    keystore = KeyStores.of(directory.resolve("server.p12"), "localhost");
    other = KeyStores.of(directory.resolve("other.p12"), "elsewhere.invalid");
  }

  @AfterEach
  void stop() throws Exception {
    if (sink != null) {
      sink.stop();
    }
    source.stop();
  }

  @ParameterizedTest
  @EnumSource
  void oursToOurs(ThriftProtocol protocol) throws Exception {
    startSource(protocol, server(keystore, List.of()));
    startSink(protocol, client(keystore, true));
    EventBatch batch = EventBatch.of(Map.of("k", "v"), new byte[100_000]);
    for (int i = 0; i < 20; i++) {
      get(sink.deliver(batch, Origin.NONE));
    }
    assertThat(sourceContext.output().events()).hasSize(20);
  }

  @ParameterizedTest
  @EnumSource
  void flumesClientToOurs(ThriftProtocol protocol) throws Exception {
    startSource(protocol, server(keystore, List.of()));
    Properties properties = new Properties();
    properties.setProperty("client.type", "thrift");
    properties.setProperty("protocol", protocol.name().toLowerCase(Locale.ROOT));
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + source.address().getPort());
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    properties.setProperty("ssl", "true");
    properties.setProperty("truststore", keystore.toString());
    properties.setProperty("truststore-password", KeyStores.PASSWORD);
    properties.setProperty("truststore-type", "PKCS12");
    RpcClient client = RpcClientFactory.getInstance(properties);
    for (int i = 0; i < 20; i++) {
      client.append(EventBuilder.withBody("x".repeat(50_000), StandardCharsets.UTF_8));
    }
    client.close();
    assertThat(sourceContext.output().bodies()).hasSize(20).containsOnly("x".repeat(50_000));
  }

  @Test
  void aCertificateForAnotherHostIsRefusedUnlessThatIsAllowed() throws Exception {
    startSource(ThriftProtocol.COMPACT, server(other, List.of()));
    startSink(ThriftProtocol.COMPACT, client(other, true));
    assertRefused("TLS handshake failed");
    sink.stop();
    startSink(ThriftProtocol.COMPACT, client(other, false));
    get(sink.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE));
    sink.stop();
    startSink(ThriftProtocol.COMPACT, client(keystore, false));
    assertRefused("TLS handshake failed");
  }

  @Test
  void protocolsThatAreExcludedAreNotSpoken() throws Exception {
    startSource(ThriftProtocol.COMPACT, server(keystore, List.of("TLSv1.3")));
    startSink(
        ThriftProtocol.COMPACT,
        new ClientTlsOptions(
            true,
            false,
            true,
            Optional.of(keystore),
            Optional.of(KeyStores.PASSWORD),
            Optional.of("PKCS12"),
            new TlsSelectionOptions(List.of(), List.of("TLSv1.3"), List.of(), List.of())));
    assertRefused("TLS handshake failed");
    sink.stop();
    startSink(ThriftProtocol.COMPACT, client(keystore, true));
    get(sink.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE));
  }

  @Test
  void plainToTlsAndTlsToPlainCostTheirConnectionAlone() throws Exception {
    startSource(ThriftProtocol.COMPACT, server(keystore, List.of()));
    startSink(ThriftProtocol.COMPACT, ClientTlsOptions.none());
    assertRefused("localhost:" + source.address().getPort());
    await().until(() -> sourceContext.metrics().value("ConnectionsClosedTls") > 0);
    sink.stop();
    source.stop();

    startSource(ThriftProtocol.COMPACT, ServerTlsOptions.none());
    startSink(ThriftProtocol.COMPACT, client(keystore, true));
    assertRefused("TLS handshake failed");
    assertThat(sourceContext.metrics().value("FramesRejectedTooLarge")).isOne();
  }

  private void assertRefused(String reason) {
    assertThatThrownBy(() -> get(sink.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE)))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining(reason);
  }

  private void startSource(ThriftProtocol protocol, ServerTlsOptions tls) {
    source = ThriftPair.source(sourceContext, 0, protocol, tls);
    source.start();
  }

  private void startSink(ThriftProtocol protocol, ClientTlsOptions tls) {
    sink =
        ThriftPair.sink(
            ToySinkContext.named("thrift"),
            source.address().getPort(),
            protocol,
            16_384_000,
            Duration.ZERO,
            tls);
    sink.start();
  }

  private static ServerTlsOptions server(Path keystore, List<String> excludedProtocols) {
    return new ServerTlsOptions(
        true,
        Optional.of(keystore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        new TlsSelectionOptions(excludedProtocols, List.of(), List.of(), List.of()));
  }

  private static ClientTlsOptions client(Path truststore, boolean verifyHostname) {
    return new ClientTlsOptions(
        true,
        false,
        verifyHostname,
        Optional.of(truststore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        TlsSelectionOptions.defaults());
  }
}
