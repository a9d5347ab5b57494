/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventView;
import io.millrace.api.Metrics;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.AvroDialect;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.session.ServerDialect;
import io.millrace.rpc.transport.PeerFilter;
import io.millrace.rpc.transport.RequestHandler;
import io.millrace.rpc.transport.RpcServer;
import io.millrace.rpc.transport.ServerLimits;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A server of Millrace, for Avro unless told otherwise, on a loopback port that remembers what it
 * was sent, answers as it is told, and can be stopped and started again. Safe for many threads.
 */
public final class ToyServer implements AutoCloseable {
  /** One event as it arrived. */
  public record Received(Map<String, String> headers, String body) {}

  private final ConcurrentLinkedQueue<Received> received = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Integer> callSizes = new ConcurrentLinkedQueue<>();
  private final ServerDialect dialect;
  private final Wrapping wrapping;
  private final int port;
  private volatile RequestHandler answers =
      request -> CompletableFuture.completedFuture(Answer.Status.OK);
  private RpcServer server;

  private ToyServer(int port, ServerDialect dialect, Wrapping wrapping) {
    this.port = port;
    this.dialect = dialect;
    this.wrapping = wrapping;
  }

  public static ToyServer started() {
    return started(Wrapping.NONE);
  }

  public static ToyServer started(Wrapping wrapping) {
    return started(new AvroDialect(), wrapping);
  }

  static ToyServer started(ServerDialect dialect, Wrapping wrapping) {
    ToyServer server = new ToyServer(freePort(), dialect, wrapping);
    server.start();
    return server;
  }

  /** Knows its port, and does not listen yet. */
  public static ToyServer absent() {
    return new ToyServer(freePort(), new AvroDialect(), Wrapping.NONE);
  }

  /** A port that nobody listens on, below those that the system gives to outgoing connections. */
  public static int freePort() {
    for (int i = 0; i < 100; i++) {
      try (ServerSocket socket = listenOn(ThreadLocalRandom.current().nextInt(20_000, 32_000))) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: the next one.
      }
    }
    throw new IllegalStateException("No free port");
  }

  static ServerSocket listenOn(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  public synchronized void start() {
    try {
      server =
          RpcServer.open(
              "toy",
              dialect,
              new ServerSettings(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                  ServerLimits.defaults(),
                  wrapping,
                  PeerFilter.ACCEPT_ALL,
                  1),
              this::handle,
              new NoMetrics(),
              task -> {
                Thread thread = new Thread(task, "toy-server");
                thread.setDaemon(true);
                return thread;
              });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Cuts every connection; what is in flight gets no answer. */
  public synchronized void kill() {
    if (server == null) {
      return;
    }
    try {
      server.stop(Duration.ZERO);
      server = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public ServerAddress address() {
    return new ServerAddress("127.0.0.1", port);
  }

  public int port() {
    return port;
  }

  /** From now on calls are answered so; events are remembered before. */
  void answer(RequestHandler handler) {
    answers = handler;
  }

  void answer(Answer answer) {
    answer(request -> CompletableFuture.completedFuture(answer));
  }

  public List<Received> received() {
    return new ArrayList<>(received);
  }

  public List<String> bodies() {
    return received.stream().map(Received::body).toList();
  }

  /** Events of each call. */
  List<Integer> callSizes() {
    return new ArrayList<>(callSizes);
  }

  private CompletableFuture<Answer> handle(Request request) {
    for (EventView event : request.batch()) {
      received.add(new Received(event.headers(), event.bodyText()));
    }
    callSizes.add(request.batch().eventCount());
    return answers.handle(request);
  }

  @Override
  public void close() {
    kill();
  }

  private static final class NoMetrics implements Metrics {
    @Override
    public Counter counter(String name) {
      AtomicLong value = new AtomicLong();
      return new Counter() {
        @Override
        public void add(long amount) {
          value.addAndGet(amount);
        }

        @Override
        public long value() {
          return value.get();
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
