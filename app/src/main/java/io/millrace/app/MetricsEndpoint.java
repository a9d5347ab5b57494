/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Serves metrics over HTTP in the form of Flume: {@code GET /metrics} answers one JSON object keyed
 * {@code CHANNEL.c1}, its values objects of texts. Safe for many threads.
 */
public final class MetricsEndpoint implements AutoCloseable {
  private static final int MAX_THREADS = 2;
  private static final int MAX_QUEUED_REQUESTS = 16;
  private static final int MAX_CONNECTIONS = 64;
  private static final int REQUEST_SECONDS = 10;
  private static final Set<String> REFUSED_METHODS = Set.of("TRACE", "OPTIONS");

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final ObjectMapper json = new ObjectMapper();
  private final Supplier<Map<String, Map<String, String>>> snapshot;

  private MetricsEndpoint(
      InetSocketAddress address, Supplier<Map<String, Map<String, String>>> snapshot)
      throws IOException {
    this.snapshot = snapshot;
    boundTheServer();
    server = HttpServer.create(address, 0);
    AtomicInteger threadCount = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_QUEUED_REQUESTS),
            work -> {
              Thread thread = new Thread(work, "millrace/http/" + threadCount.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            },
            // The server's only dispatcher answers itself, so that more requests wait outside.
            new ThreadPoolExecutor.CallerRunsPolicy());
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
  }

  /**
   * Opens the port and answers from now on.
   *
   * @throws IOException when the port cannot be had
   */
  public static MetricsEndpoint open(
      InetSocketAddress address, Supplier<Map<String, Map<String, String>>> snapshot)
      throws IOException {
    MetricsEndpoint endpoint = new MetricsEndpoint(address, snapshot);
    endpoint.server.start();
    return endpoint;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** The JDK's server has no limits of its own and takes them from the process alone. */
  private static void boundTheServer() {
    Map.of(
            "sun.net.httpserver.maxReqTime", REQUEST_SECONDS,
            "sun.net.httpserver.maxRspTime", REQUEST_SECONDS,
            "jdk.httpserver.maxConnections", MAX_CONNECTIONS)
        .forEach(
            (key, value) -> {
              if (System.getProperty(key) == null) {
                System.setProperty(key, String.valueOf(value));
              }
            });
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (REFUSED_METHODS.contains(exchange.getRequestMethod())) {
        send(exchange, 403, "text/plain;charset=utf-8", "Forbidden\n");
      } else if ("/metrics".equalsIgnoreCase(path)) {
        send(exchange, 200, "application/json;charset=utf-8", json());
      } else if ("/".equals(path)) {
        send(
            exchange,
            200,
            "text/html;charset=utf-8",
            "<!DOCTYPE html><title>Millrace</title><p><a href=\"/metrics\">Metrics</a> (JSON)\n");
      } else {
        send(exchange, 404, "text/plain;charset=utf-8", "Not found. See /metrics\n");
      }
    }
  }

  private String json() {
    try {
      return json.writeValueAsString(snapshot.get());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Metrics are maps of texts, and always JSON", e);
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean bodiless = "HEAD".equals(exchange.getRequestMethod());
    exchange.sendResponseHeaders(status, bodiless ? -1 : body.length);
    if (!bodiless) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
