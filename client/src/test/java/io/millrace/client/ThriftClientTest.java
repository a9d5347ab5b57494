/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static io.millrace.client.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataSize;
import io.millrace.api.RejectedException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.thrift.ThriftProtocol;
import io.millrace.rpc.transport.Wrapping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One client over Thrift RPC, and one server that is well, restarted, or says no. */
class ThriftClientTest {
  private static ToyServer started(ThriftProtocol protocol) {
    return ToyServer.started(new ThriftDialect(protocol), Wrapping.NONE);
  }

  private static ClientBuilder builder(ToyServer server, ThriftProtocol protocol) {
    return EventClient.builder()
        .server(server.address())
        .thrift(protocol)
        .backoff(Duration.ofMillis(10), Duration.ofMillis(100));
  }

  private static ClientBuilder small(ToyServer server) {
    return builder(server, ThriftProtocol.BINARY)
        .thrift(new ThriftOptions(ThriftProtocol.BINARY, DataSize.ofBytes(1024)));
  }

  @ParameterizedTest
  @EnumSource(ThriftProtocol.class)
  void anAppendedEventIsAtTheServerWithItsHeadersAndItsBody(ThriftProtocol protocol)
      throws Exception {
    try (ToyServer server = started(protocol);
        EventClient client = builder(server, protocol).build()) {
      client.append(Event.ofText(Map.of("k", "v", "größe", "ß"), "hello ü"));
      client.append(Event.of(new byte[0]));
      assertThat(server.received())
          .containsExactly(
              new ToyServer.Received(Map.of("k", "v", "größe", "ß"), "hello ü"),
              new ToyServer.Received(Map.of(), ""));
    }
  }

  @ParameterizedTest
  @EnumSource(ThriftProtocol.class)
  void noAcknowledgedEventIsLostWhenTheServerIsRestarted(ThriftProtocol protocol) throws Exception {
    int events = 3000;
    try (ToyServer server = started(protocol);
        EventClient client = builder(server, protocol).build()) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        sent.add(client.send(Event.ofText("" + i)));
        if (i % 1000 == 500) {
          server.kill();
          server.start();
        }
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      assertThat(server.bodies())
          .containsAll(IntStream.range(0, events).mapToObj(Integer::toString).toList());
      assertThat(client.statistics().failed()).isZero();
    }
  }

  @Test
  void severalCallsAreUnderWayOnOneConnection() {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    try (ToyServer server = started(ThriftProtocol.COMPACT);
        EventClient client =
            builder(server, ThriftProtocol.COMPACT).batchEvents(1).maxInFlight(4).build()) {
      server.answer(request -> answer);
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        sent.add(client.send(Event.ofText("" + i)));
      }
      await().until(() -> client.statistics().sent() == 4);
      answer.complete(Answer.Status.OK);
      assertThat(CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)))
          .succeedsWithin(Duration.ofSeconds(60));
      assertThat(client.statistics().servers().get(0).connects()).isOne();
    }
  }

  @Test
  void eventsThatAFrameDoesNotHoldGoInSeveralInTheirOrder() throws Exception {
    try (ToyServer server = started(ThriftProtocol.BINARY);
        EventClient client = small(server).build()) {
      List<Event> events =
          IntStream.range(0, 90).mapToObj(i -> Event.ofText(i + "x".repeat(50))).toList();
      client.append(events);
      assertThat(server.bodies())
          .containsExactlyElementsOf(events.stream().map(Event::bodyText).toList());
      assertThat(server.callSizes()).hasSizeGreaterThan(4);
      assertThat(client.statistics().retried()).isZero();
    }
  }

  @Test
  void anEventThatNoFrameHoldsFailsAlone() {
    try (ToyServer server = started(ThriftProtocol.BINARY);
        EventClient client = small(server).linger(Duration.ofMillis(200)).build()) {
      CompletableFuture<Void> before = client.send(Event.ofText("before"));
      CompletableFuture<Void> large = client.send(Event.of(new byte[1100]));
      CompletableFuture<Void> after = client.send(Event.ofText("after"));
      assertThat(before).succeedsWithin(Duration.ofSeconds(60));
      assertThat(after).succeedsWithin(Duration.ofSeconds(60));
      assertThat(large)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .withCauseInstanceOf(RejectedException.class)
          .withMessageContaining("maxFrameSize: 1024 bytes");
      assertThat(server.bodies()).containsExactlyInAnyOrder("before", "after");
    }
  }

  @Test
  void whatTheServerRefusesForGoodIsNotSentAgainAndAnyOtherErrorIs() throws Exception {
    try (ToyServer server = started(ThriftProtocol.COMPACT);
        EventClient client = builder(server, ThriftProtocol.COMPACT).build()) {
      server.answer(Answer.CallError.permanent("bad"));
      assertThatThrownBy(() -> client.append(Event.ofText("a")))
          .isInstanceOf(RejectedException.class)
          .hasMessageContaining(server.address() + " refuses: bad");
      assertThat(server.bodies()).containsExactly("a");

      server.answer(new Answer.CallError("full"));
      CompletableFuture<Void> sent = client.send(Event.ofText("b"));
      await().until(() -> client.statistics().retried() > 1);
      server.answer(Answer.Status.OK);
      assertThat(sent).succeedsWithin(Duration.ofSeconds(60));
    }
  }

  @Test
  void compressionIsRefusedForThriftHasNone() {
    assertThatThrownBy(
            () ->
                EventClient.builder()
                    .server("localhost", 1)
                    .thrift(ThriftProtocol.COMPACT)
                    .compression(6)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Thrift RPC has no compression");
  }
}
