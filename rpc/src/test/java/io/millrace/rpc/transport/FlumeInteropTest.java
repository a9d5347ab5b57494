/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Request;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.avro.ipc.Responder;
import org.apache.avro.ipc.netty.NettyServer;
import org.apache.avro.ipc.specific.SpecificResponder;
import org.apache.flume.Event;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.apache.flume.source.avro.AvroFlumeEvent;
import org.apache.flume.source.avro.AvroSourceProtocol;
import org.apache.flume.source.avro.Status;
import org.junit.jupiter.api.Test;

/** Flume 1.11's own client against our server, and Avro's own server against our client. */
class FlumeInteropTest {
  private final ConcurrentLinkedQueue<Request> received = new ConcurrentLinkedQueue<>();
  private final RequestHandler recording =
      request -> {
        received.add(request);
        return CompletableFuture.completedFuture(Answer.Status.OK);
      };

  @Test
  void flumeClientAppendsOneEvent() throws Exception {
    try (TestServer server = new TestServer(recording)) {
      RpcClient client = flumeClient(server.port(), Map.of());
      client.append(event("hi", Map.of("k", "v")));
      client.append(event("", Map.of()));
      client.close();
    }
    List<Request> requests = List.copyOf(received);
    assertThat(requests).hasSize(2);
    EventView event = requests.get(0).batch().iterator().next();
    assertThat(event.headers()).containsExactly(Map.entry("k", "v"));
    assertThat(event.bodyText()).isEqualTo("hi");
    assertThat(requests.get(1).batch().eventCount()).isOne();
  }

  @Test
  void flumeClientAppendsBatchesOfAnySize() throws Exception {
    try (TestServer server = new TestServer(recording)) {
      RpcClient client = flumeClient(server.port(), Map.of("batch-size", "5000"));
      for (int events : new int[] {1, 100, 5000}) {
        List<Event> batch = new ArrayList<>();
        for (int i = 0; i < events; i++) {
          batch.add(event("body " + i + "x".repeat(300), Map.of("number", "" + i, "host", "h")));
        }
        client.appendBatch(batch);
      }
      client.close();
    }
    assertThat(received).extracting(r -> r.batch().eventCount()).containsExactly(1, 100, 5000);
    int number = 0;
    for (EventView event : List.copyOf(received).get(2).batch()) {
      assertThat(event.header("number")).isEqualTo("" + number++);
    }
  }

  @Test
  void flumeClientSeesFailedAndErrorsAsFailures() throws Exception {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    try (TestServer server = new TestServer(r -> answer)) {
      answer.complete(Answer.Status.FAILED);
      RpcClient client = flumeClient(server.port(), Map.of());
      assertThatThrownBy(() -> client.append(event("a", Map.of())))
          .isInstanceOf(EventDeliveryException.class);
    }
    try (TestServer server =
        new TestServer(
            r -> CompletableFuture.completedFuture(new Answer.CallError("too large by far")))) {
      RpcClient client = flumeClient(server.port(), Map.of());
      assertThatThrownBy(() -> client.append(event("a", Map.of())))
          .isInstanceOf(EventDeliveryException.class)
          .hasStackTraceContaining("too large by far");
    }
  }

  @Test
  void ourClientAppendsToAnAvroServerOfFlumesProtocol() throws Exception {
    FlumeReceiver receiver = new FlumeReceiver();
    NettyServer server = server(new SpecificResponder(AvroSourceProtocol.class, receiver));
    try (io.millrace.rpc.transport.RpcClient client = ourClient(server.getPort())) {
      RpcConnection connection = client.connect();
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      for (int batch = 0; batch < 20; batch++) {
        answers.add(
            connection.appendBatch(
                batch(batch * 100, 100), Map.of("millrace.first", new byte[] {1, 2})));
      }
      for (CompletableFuture<Answer> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(Answer.Status.OK);
      }
    } finally {
      server.close();
    }
    assertThat(receiver.bodies).hasSize(2000);
    for (int i = 0; i < 2000; i++) {
      assertThat(receiver.bodies.get(i)).isEqualTo("body " + i);
    }
    assertThat(receiver.headers).containsOnly("value");
  }

  @Test
  void ourClientSendsABatchOfMegabytesToAnAvroServer() throws Exception {
    FlumeReceiver receiver = new FlumeReceiver();
    NettyServer server = server(new SpecificResponder(AvroSourceProtocol.class, receiver));
    try (io.millrace.rpc.transport.RpcClient client = ourClient(server.getPort())) {
      EventBatch batch = batch(0, 100_000);
      assertThat(client.connect().appendBatch(batch, Map.of()).get(60, TimeUnit.SECONDS))
          .isEqualTo(Answer.Status.OK);
    } finally {
      server.close();
    }
    assertThat(receiver.bodies).hasSize(100_000);
  }

  static EventBatch batch(int first, int events) {
    EventBatch.Builder builder = EventBatch.builder();
    EncodedHeaders headers = EncodedHeaders.of(Map.of("name", "value"));
    for (int i = first; i < first + events; i++) {
      builder.add(headers, ("body " + i).getBytes(StandardCharsets.UTF_8));
    }
    return builder.build();
  }

  static io.millrace.rpc.transport.RpcClient ourClient(int port) {
    return new io.millrace.rpc.transport.RpcClient(
        ClientSettings.of(
            "localhost", port, Duration.ofSeconds(60), Duration.ofSeconds(60), true, Wrapping.NONE),
        TestServer.daemon("client"));
  }

  static NettyServer server(Responder responder) throws InterruptedException {
    return new NettyServer(responder, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  static RpcClient flumeClient(int port, Map<String, String> more) {
    Properties properties = new Properties();
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + port);
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    more.forEach(properties::setProperty);
    return RpcClientFactory.getInstance(properties);
  }

  static Event event(String body, Map<String, String> headers) {
    return EventBuilder.withBody(body.getBytes(StandardCharsets.UTF_8), new HashMap<>(headers));
  }

  /** What Flume's avro source is to the Avro library. */
  static final class FlumeReceiver implements AvroSourceProtocol {
    final List<String> bodies = java.util.Collections.synchronizedList(new ArrayList<>());
    final List<CharSequence> headers = new CopyOnWriteArrayList<>();

    @Override
    public Status append(AvroFlumeEvent event) {
      return appendBatch(List.of(event));
    }

    @Override
    public Status appendBatch(List<AvroFlumeEvent> events) {
      for (AvroFlumeEvent event : events) {
        bodies.add(StandardCharsets.UTF_8.decode(event.getBody()).toString());
      }
      event(events.get(0));
      return Status.OK;
    }

    private void event(AvroFlumeEvent event) {
      event.getHeaders().values().forEach(value -> headers.add(value.toString()));
    }
  }
}
