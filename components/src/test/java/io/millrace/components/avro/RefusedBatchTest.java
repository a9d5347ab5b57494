/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.ServerLimits;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server refuses for good holds up nothing behind it, and costs no other event. */
@Timeout(300)
class RefusedBatchTest {
  private static final int MAX_REQUEST_BYTES = 20_000;

  private final ToyContext sourceContext = new ToyContext();
  private final ToyContext sinkContext = new ToyContext();
  private AvroSource source;
  private AvroSink sink;

  @AfterEach
  void stop() throws Exception {
    if (sink != null) {
      sink.stop();
    }
    source.stop();
  }

  @Test
  void theOneEventThatIsRefusedIsRejectedAndTheOthersArriveInOrder() throws Exception {
    start(64 << 20);
    sourceContext.onEmit = batch -> holds(batch, "poison 6") ? refused() : taken();
    EventBatch.Builder batch = EventBatch.builder();
    for (int i = 0; i < 10; i++) {
      batch.add(
          EncodedHeaders.of(Map.of()),
          ((i == 6 ? "poison " : "event ") + i).getBytes(StandardCharsets.UTF_8));
    }
    Outcome outcome = get(sink.deliver(batch.build(), new Origin(new UUID(1, 2), 0, 100, 10)));
    assertThat(outcome.retryCount()).isZero();
    assertThat(outcome.rejections()).containsOnlyKeys(6);
    assertThat(outcome.rejections().get(6))
        .contains("refuses the event for good")
        .contains("poisoned?[31m");
    assertThat(takenBodies())
        .containsExactly(
            "event 0", "event 1", "event 2", "event 3", "event 4", "event 5", "event 7", "event 8",
            "event 9");
    assertThat(get(sink.deliver(one("behind"), Origin.NONE)).isFullyDelivered()).isTrue();
    assertThat(sinkContext.value("BatchRefusedCount")).isOne();
    assertThat(sinkContext.value("ConnectionCreatedCount")).isOne();
  }

  @Test
  void aBatchAboveWhatTheChannelsTakeArrivesInPieces() throws Exception {
    start(64 << 20);
    Outcome outcome = get(sink.deliver(bodies(30, 100_000), Origin.NONE));
    assertThat(outcome.isFullyDelivered()).isTrue();
    assertThat(sourceContext.value("RequestsRejectedTooLarge")).isPositive();
    assertThat(sourceContext.emitted.stream().mapToInt(EventBatch::eventCount).sum()).isEqualTo(30);
    assertThat(sourceContext.emitted)
        .allSatisfy(
            batch ->
                assertThat((long) batch.encodedBytes())
                    .isLessThanOrEqualTo(ToyContext.MAX_BATCH_BYTES));
  }

  @Test
  void aRequestAboveTheServersLimitArrivesInPieces() throws Exception {
    start(MAX_REQUEST_BYTES);
    Outcome outcome = get(sink.deliver(bodies(100, 1000), Origin.NONE));
    assertThat(outcome.isFullyDelivered()).isTrue();
    assertThat(sourceContext.emitted.stream().mapToInt(EventBatch::eventCount).sum())
        .isEqualTo(100);
  }

  @Test
  void anEventThatIsTooLargeAloneIsRejectedAndWhatIsBehindItArrives() throws Exception {
    start(MAX_REQUEST_BYTES);
    EventBatch large = EventBatch.of(Map.of(), new byte[5_000_000]);
    Outcome outcome = get(sink.deliver(large, Origin.NONE));
    assertThat(outcome.rejections().get(0)).contains("expected: at most " + MAX_REQUEST_BYTES);
    assertThat(get(sink.deliver(one("behind"), Origin.NONE)).isFullyDelivered()).isTrue();
    assertThat(takenBodies()).containsExactly("behind");
  }

  @Test
  void aPieceThatIsNotTakenForNowIsTriedAgainWithAllBehindIt() throws Exception {
    start(64 << 20);
    sourceContext.onEmit =
        batch -> {
          if (batch.eventCount() == 8) {
            return refused();
          }
          return holds(batch, "event 5")
              ? CompletableFuture.failedFuture(new ChannelFullException("full"))
              : taken();
        };
    EventBatch.Builder batch = EventBatch.builder();
    for (int i = 0; i < 8; i++) {
      batch.add(EncodedHeaders.of(Map.of()), ("event " + i).getBytes(StandardCharsets.UTF_8));
    }
    Outcome outcome = get(sink.deliver(batch.build(), Origin.NONE));
    assertThat(outcome.retryCount()).isEqualTo(4);
    assertThat(outcome.nextRetry(0)).isEqualTo(4);
    assertThat(outcome.rejections()).isEmpty();
  }

  @Test
  void anErrorWhoseMeaningIsNotKnownIsTriedAgain() throws Exception {
    start(64 << 20);
    sourceContext.onEmit =
        batch -> CompletableFuture.failedFuture(new IllegalStateException("a defect"));
    assertThatThrownBy(() -> get(sink.deliver(one("x"), Origin.NONE)))
        .isInstanceOf(TransientException.class);
    assertThat(sinkContext.value("BatchRefusedCount")).isZero();
  }

  private static CompletableFuture<Void> refused() {
    return CompletableFuture.failedFuture(new RejectedException("poisoned\u001b[31m"));
  }

  private static CompletableFuture<Void> taken() {
    return CompletableFuture.completedFuture(null);
  }

  private static boolean holds(EventBatch batch, String body) {
    for (EventView event : batch) {
      if (event.bodyText().equals(body)) {
        return true;
      }
    }
    return false;
  }

  /** Of the batches that were not refused. */
  private List<String> takenBodies() {
    List<String> bodies = new ArrayList<>();
    for (EventBatch batch : sourceContext.emitted) {
      if (!holds(batch, "poison 6")) {
        batch.forEach(event -> bodies.add(event.bodyText()));
      }
    }
    return bodies;
  }

  private void start(int maxRequestBytes) {
    ServerLimits defaults = ServerLimits.defaults();
    ServerSettings settings =
        new ServerSettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new ServerLimits(
                FrameLimits.ofMessageBytes(maxRequestBytes),
                10,
                10,
                defaults.maxRequestsPerConnection(),
                defaults.maxBytesPerConnection(),
                defaults.maxBytesInFlight(),
                defaults.handshakeTimeout(),
                defaults.idleTimeout(),
                defaults.frameGrace(),
                defaults.minFrameBytesPerSecond()),
            Wrapping.NONE,
            peer -> true,
            1);
    source = new AvroSource(() -> settings, Optional.empty(), sourceContext);
    source.start();
    ClientSettings client =
        ClientSettings.of(
            "localhost",
            source.address().getPort(),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            true,
            Wrapping.NONE);
    sink = new AvroSink(() -> client, Duration.ZERO, 8, sinkContext);
    sink.start();
  }

  private static EventBatch one(String body) {
    return EventBatch.of(Map.of(), body.getBytes(StandardCharsets.UTF_8));
  }

  private static EventBatch bodies(int events, int bytes) {
    EventBatch.Builder batch = EventBatch.builder();
    for (int i = 0; i < events; i++) {
      batch.add(EncodedHeaders.of(Map.of()), new byte[bytes]);
    }
    return batch.build();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
