/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import io.millrace.api.TransientException;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.HeaderRelay;
import io.millrace.components.testing.HopLimits;
import io.millrace.components.testing.KeyStores;
import io.millrace.kit.tls.ClientAuthentication;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.proxy.ProxyProtocol;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The avro source behind a load balancer: which client its events, rules and origins are of. */
@Timeout(300)
class ProxiedAvroTest {
  private static final byte[] HEADER =
      "PROXY TCP4 10.1.2.3 10.0.0.1 4567 4141\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ToyContext context = new ToyContext();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @ParameterizedTest
  @CsvSource({"NONE,false", "DEFLATE,false", "NONE,true", "DEFLATE,true"})
  void theHeaderStandsBeforeTlsAndCompression(
      CompressionType compression, boolean isTls, @TempDir Path dir) throws Exception {
    Path keystore = isTls ? KeyStores.of(dir.resolve("k"), "localhost") : null;
    AvroSource source =
        source(compression, isTls ? server(keystore) : ServerTlsOptions.none(), required());
    AvroSink sink =
        sink(relay(source), compression, isTls ? client(keystore) : ClientTlsOptions.none());
    Origin origin = new Origin(new UUID(1, 2), 0, 0, 1);
    EventBatch batch = EventBatch.of(Map.of("k", "v"), new byte[100_000]);
    for (int i = 0; i < 5; i++) {
      sink.deliver(batch, origin).get(60, TimeUnit.SECONDS);
    }
    assertThat(context.emitted).hasSize(5).containsOnly(batch);
    assertThat(context.origins).extracting(Origin::peer).containsOnly("/10.1.2.3:4567");
  }

  @Test
  void eventsCarryTheClientsAddressWhateverTheySayThemselves() throws Exception {
    AvroSource source =
        source(CompressionType.NONE, ServerTlsOptions.none(), options(Optional.of("client")));
    Properties properties = new Properties();
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + relay(source).port());
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    RpcClient flume = RpcClientFactory.getInstance(properties);
    flume.appendBatch(
        List.of(
            EventBuilder.withBody("one", StandardCharsets.UTF_8),
            EventBuilder.withBody(
                "two", StandardCharsets.UTF_8, Map.of("client", "203.0.113.1", "k", "v"))));
    flume.append(EventBuilder.withBody("three", StandardCharsets.UTF_8));
    flume.close();
    List<Map<String, String>> headers = new ArrayList<>();
    for (EventBatch batch : context.emitted) {
      for (EventView event : batch) {
        headers.add(event.headers());
      }
    }
    assertThat(headers)
        .containsExactly(
            Map.of("client", "10.1.2.3"),
            Map.of("client", "10.1.2.3", "k", "v"),
            Map.of("client", "10.1.2.3"));
  }

  @Test
  void withoutALoadBalancerTheClientIsWhoConnected() throws Exception {
    ProxyProtocolOptions stamping =
        new ProxyProtocolOptions(
            ProxyProtocol.OFF, List.of(), Duration.ofSeconds(10), Optional.of("client"));
    AvroSource source = source(CompressionType.NONE, ServerTlsOptions.none(), stamping);
    AvroSink sink = sink(source.address().getPort(), ClientTlsOptions.none());
    sink.deliver(one("x"), Origin.NONE).get(60, TimeUnit.SECONDS);
    EventView event = context.emitted.get(0).iterator().next();
    assertThat(event.headers()).isEqualTo(Map.of("client", "127.0.0.1"));
  }

  @Test
  void aBatchThatTheHeaderMakesTooLargeGoesInPieces() throws Exception {
    AvroSource source =
        source(CompressionType.NONE, ServerTlsOptions.none(), options(Optional.of("client")));
    AvroSink sink = sink(relay(source), CompressionType.NONE, ClientTlsOptions.none());
    int bodyBytes = (int) ToyContext.MAX_BATCH_BYTES / 2 - 20;
    EventBatch batch =
        EventBatch.join(
            List.of(
                EventBatch.of(Map.of(), new byte[bodyBytes]),
                EventBatch.of(Map.of(), new byte[bodyBytes])));
    assertThat(batch.encodedBytes()).isLessThan((int) ToyContext.MAX_BATCH_BYTES);
    assertThat(sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS).isFullyDelivered())
        .isTrue();
    assertThat(context.emitted).hasSize(2);
  }

  @Test
  void rulesDecideOnTheClientBehindTheLoadBalancer() throws Exception {
    AvroSource accepting = source(required(), "allow:ip:10.1.2.*", "deny:ip:*");
    sink(relay(accepting), CompressionType.NONE, ClientTlsOptions.none())
        .deliver(one("x"), Origin.NONE)
        .get(60, TimeUnit.SECONDS);
    AvroSource refusing = source(required(), "deny:ip:10.1.2.*", "allow:ip:*");
    AvroSink refused = sink(relay(refusing), CompressionType.NONE, ClientTlsOptions.none());
    assertThatThrownBy(() -> refused.deliver(one("x"), Origin.NONE).get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class);
    assertThat(context.value("ConnectionsRefusedFilter")).isOne();
    assertThat(context.emitted).hasSize(1);
  }

  @Test
  void whoComesByTheLoadBalancersIsClosedWhereHeadersAreRequired() throws Exception {
    AvroSource source = source(CompressionType.NONE, ServerTlsOptions.none(), required());
    AvroSink direct = sink(source.address().getPort(), ClientTlsOptions.none());
    assertThatThrownBy(() -> direct.deliver(one("x"), Origin.NONE).get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class);
    assertThat(context.value("ProxyHeadersMissing")).isOne();
  }

  @Test
  void mistakesAreSaidWithTheOption() {
    assertThatThrownBy(() -> options(ProxyProtocol.OPTIONAL, ""))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("proxy-protocol-from is empty");
    assertThatThrownBy(() -> options(ProxyProtocol.REQUIRED, "10.0.0.0/8", "lb.example"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("proxy-protocol-from: 'lb.example'");
    assertThat(options(ProxyProtocol.OFF, "10.0.0.0/8").ineffective())
        .containsKey("proxy-protocol-from");
    assertThat(options(ProxyProtocol.REQUIRED, "10.0.0.0/8").ineffective()).isEmpty();
  }

  private static ProxyProtocolOptions options(ProxyProtocol mode, String... from) {
    return new ProxyProtocolOptions(mode, List.of(from), Duration.ofSeconds(10), Optional.empty());
  }

  private static ProxyProtocolOptions options(Optional<String> header) {
    return new ProxyProtocolOptions(
        ProxyProtocol.REQUIRED, List.of("127.0.0.1"), Duration.ofSeconds(10), header);
  }

  private static ProxyProtocolOptions required() {
    return options(Optional.empty());
  }

  private static EventBatch one(String body) {
    return EventBatch.of(Map.of(), body.getBytes(StandardCharsets.UTF_8));
  }

  private AvroSource source(ProxyProtocolOptions proxy, String... rules) {
    return source(CompressionType.NONE, ServerTlsOptions.none(), proxy, rules);
  }

  private AvroSource source(
      CompressionType compression,
      ServerTlsOptions tls,
      ProxyProtocolOptions proxy,
      String... rules) {
    AvroSource source =
        (AvroSource)
            new AvroSourceOptions(
                    "localhost",
                    0,
                    Optional.empty(),
                    compression,
                    rules.length > 0,
                    List.of(rules),
                    tls,
                    HopLimits.ample(),
                    proxy)
                .build(context);
    source.start();
    open.add(source::stop);
    return source;
  }

  private HeaderRelay relay(AvroSource source) throws Exception {
    HeaderRelay relay = HeaderRelay.to(source.address().getPort(), HEADER);
    open.add(relay);
    return relay;
  }

  private AvroSink sink(int port, ClientTlsOptions tls) {
    return sink(port, CompressionType.NONE, tls);
  }

  private AvroSink sink(HeaderRelay relay, CompressionType compression, ClientTlsOptions tls) {
    return sink(relay.port(), compression, tls);
  }

  private AvroSink sink(int port, CompressionType compression, ClientTlsOptions tls) {
    AvroSink sink = AvroPair.sink(new ToyContext(), port, compression, 6, tls, false);
    sink.start();
    open.add(sink::stop);
    return sink;
  }

  private static ServerTlsOptions server(Path keystore) {
    return new ServerTlsOptions(
        true,
        Optional.of(keystore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        ClientAuthentication.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        TlsSelectionOptions.defaults());
  }

  private static ClientTlsOptions client(Path truststore) {
    return new ClientTlsOptions(
        true,
        false,
        true,
        Optional.of(truststore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        TlsSelectionOptions.defaults());
  }
}
