/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.components.httpsink.EventFormat;
import io.millrace.components.httpsink.HttpSinkOptions;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.KeyStores;
import io.millrace.components.testing.ToySinkContext;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The http sink against the http source, over TLS. */
@Timeout(300)
class HttpTlsTest {
  @TempDir Path directory;

  private final ToySourceContext context = new ToySourceContext();
  private Path keys;
  private HttpSource source;
  private Sink sink;

  @BeforeEach
  void start() throws Exception {
    keys = KeyStores.of(directory.resolve("keys.p12"), "localhost");
    source = new HttpSource(sourceOptions(Map.of()), context);
    source.start();
  }

  @AfterEach
  void stop() throws Exception {
    if (sink != null) {
      sink.stop();
    }
    source.stop();
  }

  private HttpSourceOptions sourceOptions(Map<String, String> sslContextFactory) {
    return new HttpSourceOptions(
        "127.0.0.1",
        0,
        new JsonHandlerOptions(),
        new ServerTlsOptions(
            true,
            Optional.of(keys),
            Optional.of(KeyStores.PASSWORD),
            Optional.of("PKCS12"),
            TlsSelectionOptions.defaults()),
        new HttpLimitOptions(
            100,
            100,
            DataSize.ofMebibytes(1),
            DataSize.ofBytes(8192),
            Optional.empty(),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(300),
            Duration.ZERO),
        ProxyProtocolOptions.OFF,
        Map.of(),
        Map.of(),
        Map.of(),
        sslContextFactory);
  }

  private Outcome deliver(String host, ClientTlsOptions tls) throws Exception {
    HttpSinkOptions options =
        new HttpSinkOptions(
            "https://" + host + ":" + source.address().getPort() + "/",
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Optional.empty(),
            "text/plain",
            true,
            true,
            false,
            Map.of(),
            Map.of(),
            Map.of(),
            EventFormat.JSON,
            100,
            1,
            tls);
    sink = options.build(ToySinkContext.named("k1"));
    sink.start();
    EventBatch batch =
        EventBatch.builder()
            .add(EncodedHeaders.of(Map.of("a", "b")), "secret ü \"x\"".getBytes(UTF_8))
            .build();
    return sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS);
  }

  private ClientTlsOptions tls(boolean trustAll, boolean verify, boolean isTrusted) {
    return new ClientTlsOptions(
        false,
        trustAll,
        verify,
        isTrusted ? Optional.of(keys) : Optional.empty(),
        isTrusted ? Optional.of(KeyStores.PASSWORD) : Optional.empty(),
        isTrusted ? Optional.of("PKCS12") : Optional.empty(),
        TlsSelectionOptions.defaults());
  }

  @Test
  void eventsGoOverTlsToAServerThatIsTrusted() throws Exception {
    assertThat(deliver("localhost", tls(false, true, true)).isFullyDelivered()).isTrue();
    assertThat(context.output().events().get(0).body()).isEqualTo("secret ü \"x\"");
    assertThat(context.output().events().get(0).headers()).isEqualTo(Map.of("a", "b"));
  }

  @Test
  void aServerThatIsNotTrustedGetsNothing() throws Exception {
    assertThat(deliver("localhost", tls(false, true, false)).isRetried(0)).isTrue();
    assertThat(context.output().events()).isEmpty();
    await().until(() -> context.metrics().value("ConnectionsClosedTls") >= 1);
  }

  @Test
  void aCertificateOfAnotherNameCountsOnlyWhenItIsNotAskedFor() throws Exception {
    assertThat(deliver("127.0.0.1", tls(false, true, true)).isRetried(0)).isTrue();
    sink.stop();
    assertThat(deliver("127.0.0.1", tls(false, false, true)).isFullyDelivered()).isTrue();
  }

  @Test
  void withoutANameToAskForTheServerMustBeTrustedNevertheless() throws Exception {
    assertThat(deliver("127.0.0.1", tls(false, false, false)).isRetried(0)).isTrue();
  }

  @Test
  void anyCertificateIsTakenWhenThatIsAskedFor() throws Exception {
    assertThat(deliver("127.0.0.1", tls(true, true, false)).isFullyDelivered()).isTrue();
  }

  @Test
  void whatKeepsClientsOutIsNotIgnored() {
    assertThatThrownBy(() -> sourceOptions(Map.of("needClientAuth", "true")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("client-auth");
    assertThat(sourceOptions(Map.of("renegotiationAllowed", "false")).ineffective())
        .containsOnlyKeys("SslContextFactory.renegotiationAllowed");
  }

  @Test
  void plainBytesOnThePortEndTheConnection() throws Exception {
    try (RawClient client = new RawClient(source.address())) {
      client.send("POST / HTTP/1.1\r\nHost: h\r\n\r\n");
      while (!client.isEnded()) {
        // What TLS says before it gives up.
      }
    }
    assertThat(List.of(context.output().events())).containsExactly(List.of());
  }
}
