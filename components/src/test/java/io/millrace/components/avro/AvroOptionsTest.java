/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.TransientException;
import io.millrace.components.testing.KeyStores;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filter rules, compression and TLS as they are configured, with Flume's client as well. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AvroOptionsTest {

  private Path dir;
  private Path keystore;
  private Path other;
  private final ToyContext context = new ToyContext();

  @BeforeAll
  void makeKeyStores(@TempDir Path given) throws Exception {
    dir = given;
    keystore = KeyStores.of(dir.resolve("server.p12"), "localhost");
    other = KeyStores.of(dir.resolve("other.p12"), "elsewhere.invalid");
  }

  @ParameterizedTest
  @CsvSource({"NONE,false", "DEFLATE,false", "NONE,true", "DEFLATE,true"})
  void oursToOurs(CompressionType compression, boolean tls) throws Exception {
    AvroSource source = source(compression, tls ? server(keystore) : ServerTlsOptions.none());
    AvroSink sink =
        sink(source, compression, tls ? client(keystore, true) : ClientTlsOptions.none());
    EventBatch batch = EventBatch.of(Map.of("k", "v"), new byte[100_000]);
    for (int i = 0; i < 20; i++) {
      sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS);
    }
    sink.stop();
    source.stop();
    assertThat(context.emitted.subList(context.emitted.size() - 20, context.emitted.size()))
        .containsOnly(batch);
  }

  @ParameterizedTest
  @CsvSource({"DEFLATE,false", "NONE,true", "DEFLATE,true"})
  void flumesClientToOurs(CompressionType compression, boolean tls) throws Exception {
    AvroSource source = source(compression, tls ? server(keystore) : ServerTlsOptions.none());
    Properties properties = new Properties();
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + source.address().getPort());
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    properties.setProperty(
        "compression-type", compression.name().toLowerCase(java.util.Locale.ROOT));
    properties.setProperty("ssl", "" + tls);
    properties.setProperty("truststore", keystore.toString());
    properties.setProperty("truststore-password", KeyStores.PASSWORD);
    properties.setProperty("truststore-type", "PKCS12");
    RpcClient client = RpcClientFactory.getInstance(properties);
    for (int i = 0; i < 20; i++) {
      client.append(EventBuilder.withBody("x".repeat(50_000), StandardCharsets.UTF_8));
    }
    client.close();
    source.stop();
    assertThat(context.emitted.get(context.emitted.size() - 1).encodedBytes())
        .isGreaterThan(50_000);
  }

  @Test
  void aCertificateForAnotherHostIsRefusedUnlessThatIsAllowed() throws Exception {
    AvroSource source = source(CompressionType.NONE, server(other));
    AvroSink strict = sink(source, CompressionType.NONE, client(other, true));
    assertRefused(strict, "TLS handshake failed");
    AvroSink asFlume = sink(source, CompressionType.NONE, client(other, false));
    asFlume.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE).get(60, TimeUnit.SECONDS);
    AvroSink untrusting = sink(source, CompressionType.NONE, client(keystore, false));
    assertRefused(untrusting, "TLS handshake failed");
    for (AvroSink sink : List.of(strict, asFlume, untrusting)) {
      sink.stop();
    }
    source.stop();
  }

  @Test
  void plainToTlsAndTlsToPlainCostOneConnectionEach() throws Exception {
    AvroSource tls = source(CompressionType.NONE, server(keystore));
    AvroSink plain = sink(tls, CompressionType.NONE, ClientTlsOptions.none());
    assertRefused(plain, "localhost:" + tls.address().getPort());
    assertThat(context.value("ConnectionsClosedTls")).isPositive();
    plain.stop();
    tls.stop();

    AvroSource open = source(CompressionType.NONE, ServerTlsOptions.none());
    AvroSink ciphered = sink(open, CompressionType.NONE, client(keystore, true));
    assertRefused(ciphered, "TLS handshake failed");
    ciphered.stop();
    open.stop();

    AvroSource both = source(CompressionType.DEFLATE, server(keystore));
    plain = sink(both, CompressionType.NONE, ClientTlsOptions.none());
    assertRefused(plain, "closed");
    plain.stop();
    both.stop();
  }

  private static void assertRefused(AvroSink sink, String reason) {
    assertThatThrownBy(
            () ->
                sink.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE)
                    .get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void filterRulesDecideByTheFirstMatch() throws Exception {
    InetAddress local = InetAddress.getByName("127.0.0.1");
    InetAddress far = InetAddress.getByName("10.1.2.3");
    IpFilterRules rules =
        IpFilterRules.parse(List.of("allow:ip:127.*", "allow:name:localhost", "deny:ip:10.?.2.*"));
    assertThat(rules.accepts(local)).isTrue();
    assertThat(rules.accepts(far)).isFalse();
    assertThat(rules.accepts(InetAddress.getByName("11.1.2.3"))).isTrue();
    assertThat(rules.mayBlock()).isFalse();
    assertThat(IpFilterRules.parse(List.of("deny:name:*.example")).mayBlock()).isTrue();
    assertThat(IpFilterRules.parse(List.of("deny:name:localhost")).accepts(local)).isFalse();
    for (String broken : List.of("", "allow", "allow:ip:", "permit:ip:*", "allow:host:*")) {
      assertThatThrownBy(() -> IpFilterRules.parse(List.of(broken)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("ipFilterRules");
    }
  }

  @Test
  void theNumberAndLengthOfFilterRulesAndTheTimeToMatchAreBounded() {
    List<String> many = java.util.Collections.nCopies(IpFilterRules.MAX_RULES + 1, "deny:ip:1.*");
    assertThatThrownBy(() -> IpFilterRules.parse(many))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("1001 rules (expected: at most 1000)");
    assertThatThrownBy(() -> IpFilterRules.parse(List.of("deny:name:" + "a".repeat(300))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("a pattern of 300 characters");
    // A peer chooses its name: with a backtracking matcher this one would take years.
    assertThat(IpFilterRules.isMatch("*a".repeat(100) + "b", "a".repeat(253))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "*,,true",
    "a*,a,true",
    "a*,ba,false",
    "?,a,true",
    "?,'',false",
    "a?c*e,abcde,true",
    "*.example,x.example,true",
    "*.example,x.example.org,false",
    "10.*.1,10.2.3.1,true",
    "'','',true"
  })
  void wildcardsMatchAsWritten(String pattern, String text, boolean isMatch) {
    assertThat(IpFilterRules.isMatch(pattern, text == null ? "" : text)).isEqualTo(isMatch);
  }

  @ParameterizedTest
  @CsvSource({"deny:ip:127.*", "deny:name:*"})
  void aDeniedPeerIsClosedAndCounted(String rule) throws Exception {
    AvroSource source = source(CompressionType.NONE, ServerTlsOptions.none(), rule);
    long before = context.value("ConnectionsRefusedFilter");
    AvroSink sink = sink(source, CompressionType.NONE, ClientTlsOptions.none());
    assertThatThrownBy(
            () ->
                sink.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE)
                    .get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class);
    assertThat(context.value("ConnectionsRefusedFilter")).isEqualTo(before + 1);
    sink.stop();
    source.stop();
  }

  @Test
  void sslWithoutAKeyStoreIsAnErrorThatNamesEveryWayToGiveOne() {
    assertThatThrownBy(
            () ->
                new ServerTlsOptions(
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    TlsSelectionOptions.defaults()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("javax.net.ssl.keyStore")
        .hasMessageContaining("FLUME_SSL_KEYSTORE_PATH");
  }

  private static ServerTlsOptions server(Path keystore) {
    return new ServerTlsOptions(
        true,
        Optional.of(keystore),
        Optional.of(KeyStores.PASSWORD),
        Optional.empty(),
        TlsSelectionOptions.defaults());
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

  private AvroSource source(CompressionType compression, ServerTlsOptions tls, String... rules) {
    AvroSource source = AvroPair.source(context, compression, tls, rules);
    source.start();
    return source;
  }

  private AvroSink sink(AvroSource source, CompressionType compression, ClientTlsOptions tls) {
    AvroSink sink =
        AvroPair.sink(new ToyContext(), source.address().getPort(), compression, 6, tls, false);
    sink.start();
    return sink;
  }
}
