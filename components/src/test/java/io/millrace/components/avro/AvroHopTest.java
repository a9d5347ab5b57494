/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.testing.FreePort;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The avro sink and the avro source, joined, and each with what may happen to the other. */
class AvroHopTest {
  private final ToyContext sourceContext = new ToyContext();
  private final ToyContext sinkContext = new ToyContext();
  private AvroSource source = sourceOn(0);
  private AvroSink sink;

  @AfterEach
  void stop() throws Exception {
    source.stop();
    if (sink != null) {
      sink.stop();
    }
  }

  @Test
  void batchesArriveInOrderAndUnchanged() throws Exception {
    source.start();
    startSink(port());
    List<EventBatch> batches = new ArrayList<>();
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      EventBatch batch = batch(i * 10, 10);
      batches.add(batch);
      outcomes.add(sink.deliver(batch, new Origin(new UUID(1, 2), 0, i * 10L, 10)));
    }
    for (CompletableFuture<Outcome> outcome : outcomes) {
      assertThat(get(outcome).isFullyDelivered()).isTrue();
    }
    assertThat(sourceContext.emitted).isEqualTo(batches);
    assertThat(sourceContext.value("AppendBatchReceivedCount")).isEqualTo(200);
    assertThat(sourceContext.value("AppendBatchAcceptedCount")).isEqualTo(200);
    assertThat(sourceContext.value("OpenConnectionCount")).isOne();
    assertThat(sinkContext.value("ConnectionCreatedCount")).isOne();
  }

  @Test
  void theSourceIsToldWhereTheEventsStandInTheSendersJournal() throws Exception {
    source.start();
    startSink(port());
    Origin sent = new Origin(new UUID(1, 2), 3, 1L << 40, 10, -5, 1L << 39, true, "");
    get(sink.deliver(batch(0, 10), sent));
    get(sink.deliver(batch(0, 10), sent.again()));
    get(sink.deliver(batch(0, 4), Origin.NONE));
    assertThat(sourceContext.origins.get(0))
        .usingRecursiveComparison()
        .ignoringFields("peer")
        .isEqualTo(sent);
    assertThat(sourceContext.origins.get(0).peer()).startsWith("/127.0.0.1:");
    assertThat(sourceContext.origins.get(1).isFresh()).isFalse();
    assertThat(sourceContext.origins.get(2)).isEqualTo(Origin.NONE);
    assertThat(sourceContext.value("EventExactlyOnceCount")).isEqualTo(20);
    assertThat(sourceContext.value("EventAtLeastOnceCount")).isEqualTo(4);
    assertThat(sourceContext.value("OriginMalformedCount")).isZero();
  }

  @Test
  void nothingIsAnsweredBeforeTheChannelsHaveIt() throws Exception {
    CompletableFuture<Void> durable = new CompletableFuture<>();
    sourceContext.onEmit = batch -> durable;
    source.start();
    startSink(port());
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> sourceContext.emitted.size() == 1);
    assertThat(outcome).isNotDone();
    await().until(() -> sourceContext.value("RequestsInFlight") == 1);
    durable.complete(null);
    get(outcome);
    await().until(() -> sourceContext.value("RequestsInFlight") == 0);
    await().until(() -> sourceContext.value("RequestBytesInFlight") == 0);
  }

  @Test
  void failuresThatTimeMayCureAreAnsweredFailed() throws Exception {
    source.start();
    startSink(port());
    for (RuntimeException failure :
        List.of(new ChannelFullException("full"), new StorageException("disk", null))) {
      sourceContext.onEmit = batch -> CompletableFuture.failedFuture(failure);
      assertThatThrownBy(() -> get(sink.deliver(batch(0, 1), Origin.NONE)))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("localhost:" + port())
          .hasMessageContaining("FAILED");
    }
    sourceContext.onEmit = batch -> CompletableFuture.completedFuture(null);
    assertThat(get(sink.deliver(batch(0, 1), Origin.NONE)).isFullyDelivered()).isTrue();
    assertThat(sinkContext.value("ConnectionCreatedCount")).isOne();
  }

  @Test
  void aFlumeClientIsServed() throws Exception {
    source.start();
    Properties properties = new Properties();
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + port());
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    RpcClient client = RpcClientFactory.getInstance(properties);
    client.append(EventBuilder.withBody("one", StandardCharsets.UTF_8));
    client.appendBatch(List.of(EventBuilder.withBody("two", StandardCharsets.UTF_8)));
    sourceContext.onEmit =
        batch -> CompletableFuture.failedFuture(new ChannelFullException("full"));
    assertThatThrownBy(() -> client.append(EventBuilder.withBody("x", StandardCharsets.UTF_8)))
        .isInstanceOf(EventDeliveryException.class);
    client.close();
    assertThat(sourceContext.value("AppendAcceptedCount")).isOne();
    assertThat(sourceContext.value("AppendReceivedCount")).isEqualTo(2);
    assertThat(sourceContext.value("AppendBatchAcceptedCount")).isOne();
  }

  @Test
  void theSinkStartsWithoutAServerAndFindsItLater() throws Exception {
    int port = FreePort.any();
    startSink(port);
    assertThatThrownBy(() -> get(sink.deliver(batch(0, 1), Origin.NONE)))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("localhost:" + port)
        .hasMessageContaining("refused");
    assertThat(sinkContext.value("ConnectionFailedCount")).isOne();
    source = sourceOn(port);
    source.start();
    assertThat(get(sink.deliver(batch(0, 1), Origin.NONE)).isFullyDelivered()).isTrue();
    source.stop();
    await().until(() -> sinkContext.value("ConnectionClosedCount") == 1);
  }

  @Test
  void aPortInUseIsNamedWithWhatToDo() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      source = sourceOn(taken.getLocalPort());
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
    CompletableFuture<Void> durable = new CompletableFuture<>();
    sourceContext.onEmit = batch -> durable;
    source.start();
    startSink(port());
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> sourceContext.emitted.size() == 1);
    CompletableFuture<Void> stopped = CompletableFuture.runAsync(this::stopSource);
    await().until(() -> !canConnect(source));
    assertThat(stopped).isNotDone();
    durable.complete(null);
    assertThat(get(outcome).isFullyDelivered()).isTrue();
    stopped.get(60, TimeUnit.SECONDS);
  }

  /** Not FAILED: it may still become durable, and refused means not delivered. */
  @Test
  void aStopLeavesUnansweredWhatDoesNotEnd() throws Exception {
    sourceContext.onEmit = batch -> new CompletableFuture<>();
    source.start();
    startSink(port());
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> sourceContext.emitted.size() == 1);
    long start = System.nanoTime();
    source.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    assertThatThrownBy(() -> get(outcome))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("the server closed the connection");
  }

  @Test
  void aStopOfTheSinkFailsWhatIsInFlight() throws Exception {
    sourceContext.onEmit = batch -> new CompletableFuture<>();
    source.start();
    startSink(port());
    CompletableFuture<Outcome> outcome = sink.deliver(batch(0, 10), Origin.NONE);
    await().until(() -> sourceContext.emitted.size() == 1);
    sink.stop();
    assertThatThrownBy(() -> get(outcome)).isInstanceOf(TransientException.class);
  }

  @Test
  void theConnectionIsRenewedAfterTheResetInterval() throws Exception {
    source.start();
    startSink(port(), Duration.ofNanos(1));
    for (int i = 0; i < 3; i++) {
      get(sink.deliver(batch(i, 1), Origin.NONE));
    }
    assertThat(sinkContext.value("ConnectionCreatedCount")).isEqualTo(3);
    await().until(() -> sinkContext.value("ConnectionClosedCount") == 2);
    await().until(() -> sourceContext.value("OpenConnectionCount") == 1);
    assertThat(sourceContext.emitted).hasSize(3);
  }

  private void stopSource() {
    try {
      source.stop();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean canConnect(AvroSource source) {
    try (var socket = new java.net.Socket()) {
      socket.connect(source.address(), 200);
      return true;
    } catch (IOException | NullPointerException e) {
      return false;
    }
  }

  private AvroSource sourceOn(int port) {
    return new AvroSource(
        () -> ServerSettings.plain(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
        Optional.empty(),
        sourceContext);
  }

  private void startSink(int port) {
    startSink(port, Duration.ZERO);
  }

  private void startSink(int port, Duration resetInterval) {
    ClientSettings settings =
        ClientSettings.of(
            "localhost", port, Duration.ofSeconds(60), Duration.ofSeconds(60), true, Wrapping.NONE);
    sink = new AvroSink(() -> settings, resetInterval, 8, sinkContext);
    sink.start();
  }

  private int port() {
    return source.address().getPort();
  }

  private static EventBatch batch(int first, int events) {
    EventBatch.Builder builder = EventBatch.builder();
    EncodedHeaders headers = EncodedHeaders.of(Map.of("name", "value"));
    for (int i = first; i < first + events; i++) {
      builder.add(headers, ("body " + i).getBytes(StandardCharsets.UTF_8));
    }
    return builder.build();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
