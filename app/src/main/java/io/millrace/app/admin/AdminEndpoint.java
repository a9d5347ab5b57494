/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.api.LogLimit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves routes over HTTP: metrics, health, commands. Bounded in threads, connections and the time
 * that a peer may take, so that it answers a load balancer whoever else talks to it. Safe for many
 * threads.
 */
public final class AdminEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminEndpoint.class);

  /** More are closed as they come. */
  static final int MAX_CONNECTIONS = 256;

  private static final int MAX_IDLE_CONNECTIONS = 64;
  private static final int REQUEST_SECONDS = 10;

  /** A reload may drain a channel before it answers; slow readers are given up elsewhere. */
  private static final int ANSWER_SECONDS = 60;

  private static final int IDLE_SECONDS = 30;
  private static final int SWEEP_MILLIS = 2_000;
  private static final int WRITE_BYTES = 64 << 10;
  private static final Set<String> REFUSED_METHODS = Set.of("TRACE", "OPTIONS");

  private final HttpServer server;
  private final RequestThreads threads = new RequestThreads();
  private final List<Route> routes;
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));

  private AdminEndpoint(InetSocketAddress address, List<Route> routes) throws IOException {
    this.routes = List.copyOf(routes);
    boundTheServer();
    server = HttpServer.create(address, 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
  }

  /**
   * Opens the port and answers from now on.
   *
   * @throws IOException when the port cannot be had
   */
  public static AdminEndpoint open(InetSocketAddress address, List<Route> routes)
      throws IOException {
    AdminEndpoint endpoint = new AdminEndpoint(address, routes);
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
            "sun.net.httpserver.maxRspTime", ANSWER_SECONDS,
            "sun.net.httpserver.idleInterval", IDLE_SECONDS,
            "sun.net.httpserver.clockTick", SWEEP_MILLIS,
            "sun.net.httpserver.maxIdleConnections", MAX_IDLE_CONNECTIONS,
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
      threads.beginWork();
      Answer answer = answerTo(Request.of(exchange));
      threads.endWork();
      send(exchange, answer);
    }
  }

  private Answer answerTo(Request request) {
    if (REFUSED_METHODS.contains(request.method())) {
      return Answer.text(403, "Forbidden\n");
    }
    if ("/".equals(request.path())) {
      return Answer.html(index());
    }
    List<Route> there = routes.stream().filter(route -> route.isAt(request.path())).toList();
    if (there.isEmpty()) {
      return Answer.text(404, "Not found. See " + paths() + "\n");
    }
    Optional<Route> taken =
        there.stream().filter(route -> route.takes(request.method())).findFirst();
    if (taken.isEmpty()) {
      return Answer.text(405, "Method not allowed (expected: " + there.get(0).method() + ").\n");
    }
    try {
      return taken.get().answer(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.text(503, "The agent is ending.\n");
    } catch (Exception e) {
      if (failureLog.allows()) {
        log.error("{} could not be answered", taken.get().path(), e);
      }
      return Answer.text(500, "Failed: " + e.getClass().getSimpleName() + ". See the log.\n");
    }
  }

  private String paths() {
    return routes.stream().map(Route::path).distinct().collect(Collectors.joining(", "));
  }

  private String index() {
    StringBuilder page = new StringBuilder("<!DOCTYPE html><title>Millrace</title>\n<ul>\n");
    for (Route route : routes) {
      String label =
          route.isCommand()
              ? "POST " + route.path()
              : "<a href=\"" + route.path() + "\">" + route.path() + "</a>";
      page.append("<li>").append(label).append(": ").append(route.summary()).append("\n");
    }
    return page.append("</ul>\n").toString();
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    // What is asked for again and again must never come from somebody's cache.
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    boolean bodiless = "HEAD".equals(exchange.getRequestMethod());
    exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : answer.body().length);
    if (!bodiless) {
      // The server copies what it is given at once, for each peer that does not read.
      byte[] body = answer.body();
      for (int at = 0; at < body.length; at += WRITE_BYTES) {
        exchange.getResponseBody().write(body, at, Math.min(WRITE_BYTES, body.length - at));
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
