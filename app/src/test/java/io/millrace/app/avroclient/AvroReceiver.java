/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import io.millrace.api.EventView;
import io.millrace.api.Metrics;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.transport.RpcServer;
import io.millrace.rpc.transport.ServerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** An Avro server on a free loopback port that keeps what it takes. Safe for many threads. */
public final class AvroReceiver implements AutoCloseable {
  public final List<String> bodies = new CopyOnWriteArrayList<>();
  public final List<Map<String, String>> headers = new CopyOnWriteArrayList<>();

  /** Decides about each request; what it does not answer OK is not kept. */
  public volatile Function<Request, Answer> answers = request -> Answer.Status.OK;

  private final RpcServer server;

  public AvroReceiver() throws IOException {
    server =
        RpcServer.open(
            "receiver",
            ServerSettings.plain(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            this::take,
            new NoMetrics(),
            task -> {
              Thread thread = new Thread(task, "receiver");
              thread.setDaemon(true);
              return thread;
            });
  }

  private CompletableFuture<Answer> take(Request request) {
    Answer answer = answers.apply(request);
    if (answer == Answer.Status.OK) {
      for (EventView event : request.batch()) {
        bodies.add(event.bodyText());
        headers.add(event.headers());
      }
    }
    return CompletableFuture.completedFuture(answer);
  }

  public String port() {
    return Integer.toString(server.address().getPort());
  }

  @Override
  public void close() throws InterruptedException {
    server.stop(Duration.ofSeconds(1));
  }

  private static final class NoMetrics implements Metrics {
    @Override
    public Counter counter(String name) {
      return new Counter() {
        @Override
        public void add(long amount) {}

        @Override
        public long value() {
          return 0;
        }
      };
    }

    @Override
    public void gauge(String name, LongSupplier value) {}

    @Override
    public Distribution distribution(String name) {
      return value -> {};
    }
  }
}
