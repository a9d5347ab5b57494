/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that post numbered events to an http source, each with a thread of its own, and send a
 * request again until it is answered 200. Remembers what was.
 */
final class HttpPoster implements AutoCloseable {
  private static final int EVENTS = 20;
  private static final Duration RETRY_PAUSE = Duration.ofMillis(20);

  private final URI address;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(20))
          .build();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> surprises = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isStopping = new AtomicBoolean();
  private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

  HttpPoster(int port, int clients) {
    this.address = URI.create("http://127.0.0.1:" + port + "/");
    for (int i = 0; i < clients; i++) {
      String name = "client" + i;
      Thread thread = new Thread(() -> post(name), name);
      threads.add(thread);
      thread.start();
    }
  }

  /** The bodies of all requests that were answered 200. */
  Set<String> acknowledged() {
    return acknowledged;
  }

  /** What was neither answered 200 or 503 nor ended by a connection that broke. */
  Set<String> surprises() {
    return surprises;
  }

  private void post(String name) {
    for (int number = 0; !isStopping.get(); number++) {
      List<String> bodies = new ArrayList<>();
      for (int event = 0; event < EVENTS; event++) {
        bodies.add(name + "-" + number + "-" + event);
      }
      String json = "[{\"body\":\"" + String.join("\"},{\"body\":\"", bodies) + "\"}]";
      while (!send(json)) {
        if (isStopping.get()) {
          return;
        }
        LockSupport.parkNanos(RETRY_PAUSE.toNanos());
      }
      acknowledged.addAll(bodies);
    }
  }

  private boolean send(String json) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(Duration.ofSeconds(60))
            .POST(BodyPublishers.ofString(json))
            .build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() != 200 && response.statusCode() != 503) {
        surprises.add(response.statusCode() + " " + response.body());
      }
      return response.statusCode() == 200;
    } catch (IOException e) {
      // The agent is gone; the client sends it again.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends the clients; each waits for its last answer. */
  @Override
  public void close() {
    isStopping.set(true);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
