/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.ServerLimits;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that end because they are old, on either side, under load. */
@Timeout(300)
class ConnectionTurnoverTest {
  private static final int BATCHES = 3000;
  private static final int IN_FLIGHT = 8;

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

  // Goal: no batch fails, comes twice or overtakes another. Method: answers come late and at random
  // times, so that calls are always under way when a connection is given up.
  @Test
  void aSinkDrainsItsOldConnectionAndGoesOnInOrder() throws Exception {
    answerLate(3);
    startSource(Duration.ZERO);
    startSink(Duration.ofMillis(20));
    Deque<CompletableFuture<Outcome>> underWay = new ArrayDeque<>();
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < BATCHES || sinkContext.value("ConnectionCreatedCount") <= 10; i++) {
      if (underWay.size() == IN_FLIGHT) {
        assertThat(underWay.remove().get(60, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
      }
      sent.add("body " + i);
      underWay.add(sink.deliver(one("body " + i), Origin.NONE));
    }
    for (CompletableFuture<Outcome> last : underWay) {
      assertThat(last.get(60, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
    }
    assertThat(bodies()).isEqualTo(sent);
    assertThat(sinkContext.value("ConnectionCreatedCount")).isGreaterThan(10);
    assertThat(sinkContext.value("ConnectionFailedCount")).isZero();
  }

  // A sink that meets a server's limit tries again what was not answered: nothing comes twice, for
  // a call that was not answered was not read.
  @Test
  void aServerThatEndsOldConnectionsAnswersAllItHasRead() throws Exception {
    answerLate(3);
    startSource(Duration.ofMillis(60));
    startSink(Duration.ZERO);
    Deque<String> waiting = new ArrayDeque<>();
    for (int i = 0; i < BATCHES; i++) {
      waiting.add("body " + i);
    }
    Map<String, CompletableFuture<Outcome>> underWay = new java.util.LinkedHashMap<>();
    int failed = 0;
    while (!waiting.isEmpty() || !underWay.isEmpty()) {
      while (underWay.size() < IN_FLIGHT && !waiting.isEmpty()) {
        String body = waiting.remove();
        underWay.put(body, sink.deliver(one(body), Origin.NONE));
      }
      var oldest = underWay.entrySet().iterator().next();
      underWay.remove(oldest.getKey());
      try {
        assertThat(oldest.getValue().get(60, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
      } catch (ExecutionException e) {
        failed++;
        waiting.addFirst(oldest.getKey());
      }
    }
    assertThat(bodies()).hasSize(BATCHES);
    assertThat(new HashSet<>(bodies())).hasSize(BATCHES);
    assertThat(sourceContext.value("ConnectionsClosedAge")).isGreaterThan(5);
    assertThat(failed)
        .isLessThanOrEqualTo(IN_FLIGHT * (int) sourceContext.value("ConnectionsClosedAge"));
  }

  @Test
  void flumesClientMeetsTheEndOfAnOldConnectionWithoutADuplicate() throws Exception {
    startSource(Duration.ofMillis(60));
    Properties properties = new Properties();
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + source.address().getPort());
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    RpcClient client = RpcClientFactory.getInstance(properties);
    int failed = 0;
    int taken = 0;
    while (taken < BATCHES || sourceContext.value("ConnectionsClosedAge") == 0) {
      try {
        client.append(EventBuilder.withBody("body " + taken, StandardCharsets.UTF_8));
        taken++;
      } catch (EventDeliveryException e) {
        failed++;
        client.close();
        client = RpcClientFactory.getInstance(properties);
      }
    }
    client.close();
    assertThat(bodies()).hasSize(taken).doesNotHaveDuplicates();
    long ended = sourceContext.value("ConnectionsClosedAge");
    assertThat((long) failed).isLessThanOrEqualTo(ended);
  }

  private void answerLate(int maxMillis) {
    Random random = new Random(7);
    sourceContext.onEmit =
        batch -> {
          Executor late =
              CompletableFuture.delayedExecutor(
                  random.nextInt(maxMillis + 1), TimeUnit.MILLISECONDS);
          return CompletableFuture.runAsync(() -> {}, late);
        };
  }

  private List<String> bodies() {
    List<String> bodies = new ArrayList<>();
    for (EventBatch batch : sourceContext.emitted) {
      for (EventView event : batch) {
        bodies.add(event.bodyText());
      }
    }
    return bodies;
  }

  private static EventBatch one(String body) {
    return EventBatch.of(Map.of(), body.getBytes(StandardCharsets.UTF_8));
  }

  private void startSource(Duration maxConnectionAge) {
    ServerSettings plain =
        ServerSettings.plain(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    ServerSettings settings =
        new ServerSettings(
            plain.address(),
            ServerLimits.defaults().withMaxConnectionAge(maxConnectionAge),
            plain.wrapping(),
            plain.filter(),
            plain.ioThreads());
    source = new AvroSource(() -> settings, Optional.empty(), sourceContext);
    source.start();
  }

  private void startSink(Duration resetInterval) {
    ClientSettings settings =
        ClientSettings.of(
            "localhost",
            source.address().getPort(),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            true,
            Wrapping.NONE);
    sink = new AvroSink(() -> settings, resetInterval, IN_FLIGHT, sinkContext);
    sink.start();
  }
}
