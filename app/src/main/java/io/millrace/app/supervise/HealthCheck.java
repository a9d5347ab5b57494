/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Asks an agent over HTTP whether it lives: any answer but a server's error says so. Each question
 * is asked on a thread of its own, so that the supervisor goes on meanwhile. Safe for many threads.
 */
final class HealthCheck {
  private static final int SERVER_ERROR = 500;

  private final URI uri;
  private final Duration timeout;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "millrace/supervise/health");
            thread.setDaemon(true);
            return thread;
          });

  HealthCheck(URI uri, Duration timeout) {
    this.uri = uri;
    this.timeout = timeout;
  }

  URI uri() {
    return uri;
  }

  /** What came of one question; the text is empty when all is well. */
  record Answer(boolean isAlive, String problem) {}

  CompletableFuture<Answer> ask() {
    return CompletableFuture.supplyAsync(this::answer, executor);
  }

  private Answer answer() {
    int millis = (int) timeout.toMillis();
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("Connection", "close");
      try {
        int status = connection.getResponseCode();
        return status >= SERVER_ERROR
            ? new Answer(false, uri + " answers " + status)
            : new Answer(true, status >= 300 ? uri + " answers " + status : "");
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return new Answer(false, uri + ": " + e.getMessage());
    }
  }

  /** Whether somebody listens there. */
  boolean isPortTaken() {
    int port = uri.getPort() > 0 ? uri.getPort() : 80;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), port), (int) timeout.toMillis());
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
