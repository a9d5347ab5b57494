/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flume.Event;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.thrift.Status;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.flume.thrift.ThriftSourceProtocol;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.layered.TFastFramedTransport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Flume 1.11's own client against our server, and Thrift's own server against our client. */
@Timeout(300)
class ThriftInteropTest {
  private final ConcurrentLinkedQueue<Request> received = new ConcurrentLinkedQueue<>();
  private final RequestHandler recording =
      request -> {
        received.add(request);
        return CompletableFuture.completedFuture(Answer.Status.OK);
      };

  @ParameterizedTest
  @EnumSource
  void flumeClientAppendsEventsAndBatchesOfAnySize(ThriftProtocol protocol) throws Exception {
    try (TestServer server = server(protocol, recording)) {
      RpcClient client = flumeClient(protocol, server.port());
      client.append(FlumeInteropTest.event("hi", Map.of("k", "v")));
      client.append(FlumeInteropTest.event("", Map.of()));
      for (int events : new int[] {1, 100, 5000}) {
        List<Event> batch = new ArrayList<>();
        for (int i = 0; i < events; i++) {
          batch.add(
              FlumeInteropTest.event("body " + i + "x".repeat(300), Map.of("number", "" + i)));
        }
        client.appendBatch(batch);
      }
      client.close();
    }
    List<Request> requests = List.copyOf(received);
    assertThat(requests)
        .extracting(r -> r.batch().eventCount())
        .containsExactly(1, 1, 1, 100, 5000);
    EventView event = requests.get(0).batch().iterator().next();
    assertThat(event.headers()).containsExactly(Map.entry("k", "v"));
    assertThat(event.bodyText()).isEqualTo("hi");
    int number = 0;
    for (EventView numbered : requests.get(4).batch()) {
      assertThat(numbered.header("number")).isEqualTo("" + number);
      assertThat(numbered.bodyText()).startsWith("body " + number++);
    }
  }

  @ParameterizedTest
  @EnumSource
  void flumeClientSeesFailedAndErrorsAsFailures(ThriftProtocol protocol) throws Exception {
    for (Answer answer : List.of(Answer.Status.FAILED, new Answer.CallError("too large by far"))) {
      try (TestServer server =
          server(protocol, request -> CompletableFuture.completedFuture(answer))) {
        RpcClient client = flumeClient(protocol, server.port());
        assertThatThrownBy(() -> client.append(FlumeInteropTest.event("a", Map.of())))
            .isInstanceOf(EventDeliveryException.class);
        client.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void ourClientAppendsToAThriftServerInOrder(ThriftProtocol protocol) throws Exception {
    FlumeReceiver receiver = new FlumeReceiver();
    try (FlumeServer server = new FlumeServer(protocol, receiver);
        io.millrace.rpc.transport.RpcClient client = ourClient(protocol, server.port())) {
      ThriftDialect dialect = new ThriftDialect(protocol);
      RpcConnection connection = client.connect();
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      for (int batch = 0; batch < 20; batch++) {
        Call call =
            dialect.appendBatch(FlumeInteropTest.batch(batch * 100, 100), 16_384_000).orElseThrow();
        answers.add(connection.call(call));
      }
      for (CompletableFuture<Answer> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(Answer.Status.OK);
      }
      EventBatch large = FlumeInteropTest.batch(2000, 200_000);
      assertThat(
              connection
                  .call(dialect.appendBatch(large, 16_384_000).orElseThrow())
                  .get(60, TimeUnit.SECONDS))
          .isEqualTo(Answer.Status.OK);
    }
    assertThat(receiver.bodies).hasSize(202_000);
    for (int i = 0; i < receiver.bodies.size(); i++) {
      assertThat(receiver.bodies.get(i)).isEqualTo("body " + i);
    }
    assertThat(receiver.headers).isEqualTo(Collections.nCopies(202_000, Map.of("name", "value")));
  }

  private static TestServer server(ThriftProtocol protocol, RequestHandler handler)
      throws Exception {
    return new TestServer(new ThriftDialect(protocol), handler, settings -> settings);
  }

  static io.millrace.rpc.transport.RpcClient ourClient(ThriftProtocol protocol, int port) {
    return new io.millrace.rpc.transport.RpcClient(
        new ThriftDialect(protocol),
        ClientSettings.of(
            "localhost", port, Duration.ofSeconds(60), Duration.ofSeconds(60), true, Wrapping.NONE),
        TestServer.daemon("client"));
  }

  private static RpcClient flumeClient(ThriftProtocol protocol, int port) {
    Properties properties = new Properties();
    properties.setProperty("client.type", "thrift");
    properties.setProperty("protocol", protocol.name().toLowerCase(Locale.ROOT));
    properties.setProperty("hosts", "h");
    properties.setProperty("hosts.h", "localhost:" + port);
    properties.setProperty("connect-timeout", "60000");
    properties.setProperty("request-timeout", "60000");
    properties.setProperty("batch-size", "5000");
    return RpcClientFactory.getInstance(properties);
  }

  /** Thrift's server as Flume's source sets it up. */
  private static final class FlumeServer implements AutoCloseable {
    private final TNonblockingServerSocket socket;
    private final TServer server;
    private final Thread thread;

    FlumeServer(ThriftProtocol protocol, FlumeReceiver receiver) throws Exception {
      socket =
          new TNonblockingServerSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      TThreadedSelectorServer.Args args = new TThreadedSelectorServer.Args(socket);
      args.protocolFactory(
          protocol == ThriftProtocol.BINARY
              ? new TBinaryProtocol.Factory()
              : new TCompactProtocol.Factory());
      args.inputTransportFactory(new TFastFramedTransport.Factory());
      args.outputTransportFactory(new TFastFramedTransport.Factory());
      args.processor(new ThriftSourceProtocol.Processor<>(receiver));
      server = new TThreadedSelectorServer(args);
      thread = TestServer.daemon("thrift").newThread(server::serve);
      thread.start();
    }

    int port() throws Exception {
      return socket.getPort();
    }

    @Override
    public void close() throws Exception {
      server.stop();
      thread.join(10_000);
    }
  }

  /** What Flume's thrift source is to the Thrift library. */
  private static final class FlumeReceiver implements ThriftSourceProtocol.Iface {
    final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    final List<Map<String, String>> headers = Collections.synchronizedList(new ArrayList<>());

    @Override
    public Status append(ThriftFlumeEvent event) {
      return appendBatch(List.of(event));
    }

    @Override
    public Status appendBatch(List<ThriftFlumeEvent> events) {
      for (ThriftFlumeEvent event : events) {
        bodies.add(new String(event.getBody(), StandardCharsets.UTF_8));
        headers.add(event.getHeaders());
      }
      return Status.OK;
    }
  }
}
