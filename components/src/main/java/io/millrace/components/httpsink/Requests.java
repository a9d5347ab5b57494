/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.SinkContext;
import io.millrace.kit.log.LogText;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests and says what their responses mean. How many are in flight is up to the callers.
 * Safe for many threads.
 */
final class Requests implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpSink.class);

  private static final int CLIENT_THREADS = 2;
  private static final long BACKOFF_STEP_MILLIS = 1000;
  private static final int MAX_BACKOFF_STEPS = 5;

  /** What a response means for the events of its request. */
  sealed interface Verdict {
    record Delivered() implements Verdict {}

    record Rejected(String reason) implements Verdict {}

    record Retry() implements Verdict {}
  }

  private final String name;
  private final URI endpoint;
  private final HttpSinkOptions options;
  private final StatusRules backoffRules;
  private final StatusRules rollbackRules;
  private final StatusRules metricRules;
  private final ExecutorService threads;
  private final HttpClient client;
  private final Counter sent;
  private final Counter failed;
  private final Counter marked;
  private final LogLimit statusLines = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit failureLines = new LogLimit(Duration.ofSeconds(10));
  private final AtomicInteger backoffs = new AtomicInteger();
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  private Requests(HttpSinkOptions options, SinkContext context) {
    this.name = "HTTP sink " + context.name();
    this.endpoint = options.uri();
    this.options = options;
    this.backoffRules = options.backoffRules();
    this.rollbackRules = options.rollbackRules();
    this.metricRules = options.metricRules();
    this.sent = context.metrics().counter("RequestsSentCount");
    this.failed = context.metrics().counter("RequestsFailedCount");
    this.marked = context.metrics().counter("MarkedResponseCount");
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // Else each first request would ask the server to change to HTTP/2.
            .version(HttpClient.Version.HTTP_1_1)
            // Elsewhere than configured nothing is sent.
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.connectTimeout());
    if (options.isHttps()) {
      ClientTlsOptions.ForHttp tls = options.tls().forHttp(TlsFallbacks.ofProcess());
      builder.sslContext(tls.context()).sslParameters(tls.parameters());
    }
    this.threads = Executors.newFixedThreadPool(CLIENT_THREADS, context.threads("client"));
    this.client = builder.executor(threads).build();
  }

  static Requests open(HttpSinkOptions options, SinkContext context) {
    return new Requests(options, context);
  }

  /** Sends one request; completes once its response has come, or it has failed, never fails. */
  CompletableFuture<Verdict> send(BodyPublisher body) {
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .timeout(options.requestTimeout())
            .header("Content-Type", options.contentType())
            .header("Accept", options.acceptHeader())
            .POST(body)
            .build();
    sent.increment();
    CompletableFuture<HttpResponse<Void>> exchange = exchange(request);
    open.add(exchange);
    if (isClosed) {
      exchange.cancel(true);
    }
    long millis = options.connectTimeout().plus(options.requestTimeout()).toMillis();
    // The client's own time-out ends with the head of the response; its body may take for ever.
    return exchange
        .copy()
        .orTimeout(millis, TimeUnit.MILLISECONDS)
        .handle(
            (response, failure) -> {
              open.remove(exchange);
              if (failure != null) {
                exchange.cancel(true);
                return failed(failure);
              }
              return judge(response.statusCode());
            })
        .thenCompose(this::afterBackoff);
  }

  /** Begins an exchange; one that cannot even begin has failed. */
  private CompletableFuture<HttpResponse<Void>> exchange(HttpRequest request) {
    try {
      return client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    } catch (RuntimeException e) {
      // So the client does once its threads have ended; the delivery waits for an end all the same.
      return CompletableFuture.failedFuture(e);
    }
  }

  private record Judged(Verdict verdict, boolean backsOff) {}

  private Judged failed(Throwable failure) {
    failed.increment();
    if (!isClosed && failureLines.allows()) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      log.warn(
          "{}: a request to {} failed: {}. Its events are tried again ({} more such lines were left"
              + " out)",
          name,
          shownEndpoint(),
          LogText.of(cause),
          failureLines.takeLeftOut());
    }
    return new Judged(new Verdict.Retry(), false);
  }

  private Judged judge(int status) {
    if (metricRules.applies(status)) {
      marked.increment();
    }
    boolean isRetried = rollbackRules.applies(status);
    boolean isSuccess = StatusRules.isSuccess(status);
    if ((isRetried || !isSuccess) && statusLines.allows()) {
      log.warn(
          "{}: {} answered a request with status {}; its events are {} ({} more such lines were left"
              + " out)",
          name,
          shownEndpoint(),
          status,
          isRetried ? "tried again" : "rejected, for rollback is false for it",
          statusLines.takeLeftOut());
    }
    if (isRetried) {
      // The pause before the next try is the engine's.
      return new Judged(new Verdict.Retry(), false);
    }
    Verdict verdict =
        isSuccess
            ? new Verdict.Delivered()
            : new Verdict.Rejected(
                "the server answered with status " + status + ", for which rollback is false");
    return new Judged(verdict, backoffRules.applies(status));
  }

  private CompletableFuture<Verdict> afterBackoff(Judged judged) {
    if (!judged.backsOff()) {
      if (judged.verdict() instanceof Verdict.Delivered) {
        backoffs.set(0);
      }
      return CompletableFuture.completedFuture(judged.verdict());
    }
    int steps = Math.min(MAX_BACKOFF_STEPS, backoffs.incrementAndGet());
    CompletableFuture<Verdict> later =
        new CompletableFuture<Verdict>()
            .completeOnTimeout(
                judged.verdict(), steps * BACKOFF_STEP_MILLIS, TimeUnit.MILLISECONDS);
    open.add(later);
    if (isClosed) {
      later.complete(judged.verdict());
    }
    // What is decided stays decided when the pause is cut short.
    return later
        .handle((verdict, cancelled) -> judged.verdict())
        .whenComplete((verdict, failure) -> open.remove(later));
  }

  /** Without what may be secret in it. */
  private String shownEndpoint() {
    int port = endpoint.getPort();
    return endpoint.getScheme() + "://" + endpoint.getHost() + (port < 0 ? "" : ":" + port);
  }

  /** What is under way fails now. */
  @Override
  public void close() {
    isClosed = true;
    for (CompletableFuture<?> request : open) {
      request.cancel(true);
    }
    threads.shutdown();
  }
}
