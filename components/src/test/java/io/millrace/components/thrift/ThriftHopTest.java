/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

import static io.millrace.components.testing.Patience.await;
import static io.millrace.components.thrift.ThriftPair.batch;
import static io.millrace.components.thrift.ThriftPair.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.HeaderRelay;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySinkContext;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.rpc.proxy.ProxyProtocol;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The thrift sink and the thrift source, joined, and each with what may happen to the other. */
@Timeout(300)
class ThriftHopTest {
  private static final int FLUMES_FRAME_BYTES = 16_384_000;

  private final ToySourceContext sourceContext = new ToySourceContext();
  private final ToyOutput output = sourceContext.output();
  private final ToySinkContext sinkContext = ToySinkContext.named("thrift");
  private ThriftSource source = sourceOn(0, ThriftProtocol.COMPACT);
  private ThriftSink sink;

  @AfterEach
  void stop() throws Exception {
    source.stop();
    if (sink != null) {
      sink.stop();
    }
  }

  @ParameterizedTest
  @EnumSource
  void batchesArriveInOrderAndUnchanged(ThriftProtocol protocol) throws Exception {
    source = sourceOn(0, protocol);
    source.start();
    startSink(protocol, FLUMES_FRAME_BYTES, Duration.ZERO);
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      outcomes.add(sink.deliver(batch(i * 10, 10), Origin.NONE));
    }
    for (CompletableFuture<Outcome> outcome : outcomes) {
      assertThat(get(outcome).isFullyDelivered()).isTrue();
    }
    assertThat(output.bodies())
        .isEqualTo(IntStream.range(0, 2000).mapToObj(i -> "body " + i).toList());
    assertThat(output.events()).allSatisfy(e -> assertThat(e.headers()).containsOnlyKeys("name"));
    assertThat(sourceContext.metrics().value("AppendBatchReceivedCount")).isEqualTo(200);
    assertThat(sourceContext.metrics().value("AppendBatchAcceptedCount")).isEqualTo(200);
    assertThat(sourceContext.metrics().value("OpenConnectionCount")).isOne();
    assertThat(sinkContext.metrics().value("ConnectionCreatedCount")).isOne();
  }

  @Test
  void behindALoadBalancerEventsCarryTheAddressOfTheirClient() throws Exception {
    source =
        ThriftPair.source(
            sourceContext,
            0,
            ThriftProtocol.COMPACT,
            ServerTlsOptions.none(),
            new ProxyProtocolOptions(
                ProxyProtocol.REQUIRED,
                List.of("127.0.0.1"),
                Duration.ofSeconds(10),
                Optional.of("client")));
    source.start();
    byte[] header =
        "PROXY TCP4 10.1.2.3 10.0.0.1 4567 4141\r\n".getBytes(StandardCharsets.US_ASCII);
    try (HeaderRelay relay = HeaderRelay.to(source.address().getPort(), header)) {
      sink =
          ThriftPair.sink(
              sinkContext,
              relay.port(),
              ThriftProtocol.COMPACT,
              FLUMES_FRAME_BYTES,
              Duration.ZERO,
              ClientTlsOptions.none());
      sink.start();
      assertThat(get(sink.deliver(batch(0, 10), Origin.NONE)).isFullyDelivered()).isTrue();
    }
    assertThat(output.events())
        .hasSize(10)
        .allSatisfy(event -> assertThat(event.headers()).containsEntry("client", "10.1.2.3"));
  }

  @Test
  void nothingIsAnsweredBeforeTheChannelsHaveIt() throws Exception {
    output.hold();
    source.start();
    startSink();
    CompletableFuture<Outcome> first = sink.deliver(batch(0, 10), Origin.NONE);
    CompletableFuture<Outcome> second = sink.deliver(batch(10, 10), Origin.NONE);
    await().until(() -> output.pending().size() == 2);
    assertThat(first).isNotDone();
    output.pending().get(1).accept();
    await().until(() -> sourceContext.metrics().value("RequestsInFlight") == 1);
    assertThat(second).as("answers keep their order").isNotDone();
    output.pending().get(0).accept();
    get(first);
    get(second);
    await().until(() -> sourceContext.metrics().value("RequestsInFlight") == 0);
    await().until(() -> sourceContext.metrics().value("RequestBytesInFlight") == 0);
  }

  @Test
  void failuresThatTimeMayCureAreAnsweredFailed() throws Exception {
    output.hold();
    source.start();
    startSink();
    for (RuntimeException failure :
        List.of(new ChannelFullException("full"), new StorageException("disk", null))) {
      CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 1), Origin.NONE);
      await().until(() -> output.pending().size() == 1);
      output.pending().get(0).fail(failure);
      assertThatThrownBy(() -> get(outcome))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("Thrift server localhost:" + port())
          .hasMessageContaining("FAILED");
    }
    output.release();
    assertThat(get(sink.deliver(batch(0, 1), Origin.NONE)).isFullyDelivered()).isTrue();
    assertThat(sinkContext.metrics().value("ConnectionCreatedCount")).isOne();
  }

  /** Promise 9: none can block what is behind it. */
  @Test
  void anEventThatIsRefusedForGoodIsRejectedAndTheOthersArrive() throws Exception {
    output.hold();
    source.start();
    startSink();
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 4), Origin.NONE);
    while (!outcome.isDone()) {
      await().until(() -> !output.pending().isEmpty() || outcome.isDone());
      for (ToyOutput.Pending pending : output.pending()) {
        boolean isBad = false;
        for (var event : pending.batch()) {
          isBad |= event.bodyText().equals("body 2");
        }
        if (isBad) {
          pending.fail(new RejectedException("header too long"));
        } else {
          pending.accept();
        }
      }
    }
    assertThat(get(outcome).rejections()).containsOnlyKeys(2);
    assertThat(get(outcome).rejections().get(2)).contains("header too long");
    assertThat(get(outcome).retryCount()).isZero();
    assertThat(output.bodies()).containsExactly("body 0", "body 1", "body 3");
  }

  @Test
  void aBatchLongerThanAFrameGoesInPiecesAndAnEventThatIsTooLongIsRejected() throws Exception {
    source.start();
    startSink(ThriftProtocol.COMPACT, 2_000, Duration.ZERO);
    EventBatch batch =
        EventBatch.join(
            List.of(batch(0, 300), EventBatch.of(Map.of(), new byte[5_000]), batch(300, 100)));
    Outcome outcome = get(sink.deliver(batch, Origin.NONE));
    assertThat(outcome.rejections()).containsOnlyKeys(300);
    assertThat(outcome.rejections().get(300)).contains("max-frame-size");
    assertThat(outcome.retryCount()).isZero();
    assertThat(output.bodies())
        .isEqualTo(IntStream.range(0, 400).mapToObj(i -> "body " + i).toList());
  }

  @Test
  void aBatchAboveWhatTheChannelsTakeIsRefusedAndNotEmitted() throws Exception {
    output.maxBatchBytes(10_000);
    source.start();
    startSink();
    EventBatch large = EventBatch.of(Map.of(), new byte[10_000]);
    Outcome outcome = get(sink.deliver(large, Origin.NONE));
    assertThat(outcome.rejections().get(0)).contains("expected: at most 10000");
    assertThat(output.emits()).isZero();
    assertThat(sourceContext.metrics().value("RequestsRejectedTooLarge")).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void aFlumeClientIsServed(ThriftProtocol protocol) throws Exception {
    source = sourceOn(0, protocol);
    source.start();
    Properties properties = new Properties();
    properties.setProperty("client.type", "thrift");
    properties.setProperty("protocol", protocol.name().toLowerCase(java.util.Locale.ROOT));
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + port());
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    RpcClient client = RpcClientFactory.getInstance(properties);
    client.append(EventBuilder.withBody("one", StandardCharsets.UTF_8));
    client.appendBatch(List.of(EventBuilder.withBody("two", StandardCharsets.UTF_8)));
    output.hold();
    CompletableFuture<Void> failing =
        CompletableFuture.runAsync(
            () -> {
              await().until(() -> output.pending().size() == 1);
              output.pending().get(0).fail(new ChannelFullException("full"));
            });
    assertThatThrownBy(() -> client.append(EventBuilder.withBody("x", StandardCharsets.UTF_8)))
        .isInstanceOf(EventDeliveryException.class);
    failing.get(60, TimeUnit.SECONDS);
    client.close();
    assertThat(output.bodies()).containsExactly("one", "two");
    assertThat(sourceContext.metrics().value("AppendAcceptedCount")).isOne();
    assertThat(sourceContext.metrics().value("AppendReceivedCount")).isEqualTo(2);
    assertThat(sourceContext.metrics().value("AppendBatchAcceptedCount")).isOne();
  }

  @Test
  void encodingsThatDifferAreNamedInTheFailure() throws Exception {
    source.start();
    startSink(ThriftProtocol.BINARY, FLUMES_FRAME_BYTES, Duration.ZERO);
    assertThatThrownBy(() -> get(sink.deliver(batch(0, 1), Origin.NONE)))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("the server closed the connection");
    assertThat(sourceContext.metrics().value("FramesRejectedMalformed")).isOne();
  }

  @Test
  void theSinkStartsWithoutAServerAndFindsItLater() throws Exception {
    int port = FreePort.any();
    startSinkTo(port);
    assertThatThrownBy(() -> get(sink.deliver(batch(0, 1), Origin.NONE)))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("localhost:" + port)
        .hasMessageContaining("refused");
    assertThat(sinkContext.metrics().value("ConnectionFailedCount")).isOne();
    source = sourceOn(port, ThriftProtocol.COMPACT);
    source.start();
    assertThat(get(sink.deliver(batch(0, 1), Origin.NONE)).isFullyDelivered()).isTrue();
    source.stop();
    await().until(() -> sinkContext.metrics().value("ConnectionClosedCount") == 1);
  }

  @Test
  void aPortInUseIsNamedWithWhatToDo() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      source = sourceOn(taken.getLocalPort(), ThriftProtocol.COMPACT);
      assertThatThrownBy(() -> source.start())
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("port " + taken.getLocalPort())
          .hasMessageContaining("in use")
          .hasMessageContaining("'bind' or 'port'");
    }
    source.start();
    assertThat(source.address()).isNotNull();
  }

  @Test
  void aStopAnswersWhatIsInFlight() throws Exception {
    output.hold();
    source.start();
    startSink();
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> output.pending().size() == 1);
    CompletableFuture<Void> stopped = CompletableFuture.runAsync(this::stopSource);
    await().until(() -> !canConnect(source));
    assertThat(stopped).isNotDone();
    output.release();
    assertThat(get(outcome).isFullyDelivered()).isTrue();
    stopped.get(60, TimeUnit.SECONDS);
  }

  /** Not FAILED: it may still become durable, and refused means not delivered. */
  @Test
  void aStopLeavesUnansweredWhatDoesNotEnd() throws Exception {
    output.hold();
    source.start();
    startSink();
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> output.pending().size() == 1);
    long start = System.nanoTime();
    source.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    assertThatThrownBy(() -> get(outcome))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("the server closed the connection");
  }

  @Test
  void aStopOfTheSinkFailsWhatIsInFlight() throws Exception {
    output.hold();
    source.start();
    startSink();
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> output.pending().size() == 1);
    sink.stop();
    assertThatThrownBy(() -> get(outcome)).isInstanceOf(TransientException.class);
  }

  @Test
  void theConnectionIsRenewedAfterTheResetInterval() throws Exception {
    source.start();
    startSink(ThriftProtocol.COMPACT, FLUMES_FRAME_BYTES, Duration.ofNanos(1));
    for (int i = 0; i < 3; i++) {
      get(sink.deliver(batch(i, 1), Origin.NONE));
    }
    assertThat(sinkContext.metrics().value("ConnectionCreatedCount")).isEqualTo(3);
    await().until(() -> sinkContext.metrics().value("ConnectionClosedCount") == 2);
    await().until(() -> sourceContext.metrics().value("OpenConnectionCount") == 1);
    assertThat(output.bodies()).hasSize(3);
  }

  private void stopSource() {
    try {
      source.stop();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean canConnect(ThriftSource source) {
    try (var socket = new java.net.Socket()) {
      socket.connect(source.address(), 200);
      return true;
    } catch (IOException | NullPointerException e) {
      return false;
    }
  }

  private ThriftSource sourceOn(int port, ThriftProtocol protocol) {
    return ThriftPair.source(sourceContext, port, protocol, ServerTlsOptions.none());
  }

  private void startSink() {
    startSink(ThriftProtocol.COMPACT, FLUMES_FRAME_BYTES, Duration.ZERO);
  }

  private void startSinkTo(int port) {
    sink =
        ThriftPair.sink(
            sinkContext,
            port,
            ThriftProtocol.COMPACT,
            FLUMES_FRAME_BYTES,
            Duration.ZERO,
            ClientTlsOptions.none());
    sink.start();
  }

  private void startSink(ThriftProtocol protocol, int maxFrameBytes, Duration resetInterval) {
    sink =
        ThriftPair.sink(
            sinkContext, port(), protocol, maxFrameBytes, resetInterval, ClientTlsOptions.none());
    sink.start();
  }

  private int port() {
    return source.address().getPort();
  }
}
