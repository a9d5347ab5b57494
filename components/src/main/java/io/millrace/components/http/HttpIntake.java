/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.INTERNAL_SERVER_ERROR;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.millrace.api.EventBatch;
import io.millrace.api.HeaderConflict;
import io.millrace.api.HttpHandler;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.http.Inflation.Inflated;
import io.millrace.kit.log.LogText;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a whole request to events, to the channels, and back to what the client is told. Safe for
 * many threads.
 */
final class HttpIntake {
  private static final Logger log = LoggerFactory.getLogger(HttpSource.class);

  private final String name;
  private final HttpHandler handler;
  private final Output output;
  private final int maxBodyBytes;
  private final Optional<String> clientAddressHeader;
  private final Counter received;
  private final Counter accepted;
  private final Counter rejectedMalformed;
  private final Counter rejectedTooLarge;
  private final Counter eventReadFail;
  private final Counter channelWriteFail;
  private final Counter genericProcessingFail;
  private final LogLimit badLines = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit channelLines = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit failureLines = new LogLimit(Duration.ofSeconds(10));

  HttpIntake(
      String name,
      HttpHandler handler,
      Output output,
      int maxBodyBytes,
      Optional<String> clientAddressHeader,
      Metrics metrics) {
    this.name = name;
    this.handler = handler;
    this.output = output;
    this.maxBodyBytes = maxBodyBytes;
    this.clientAddressHeader = clientAddressHeader;
    this.received = metrics.counter("AppendBatchReceivedCount");
    this.accepted = metrics.counter("AppendBatchAcceptedCount");
    this.rejectedMalformed = metrics.counter("RequestsRejectedMalformed");
    this.rejectedTooLarge = metrics.counter("RequestsRejectedTooLarge");
    this.eventReadFail = metrics.counter("EventReadFail");
    this.channelWriteFail = metrics.counter("ChannelWriteFail");
    this.genericProcessingFail = metrics.counter("GenericProcessingFail");
  }

  /** The request is refused before it gets here. */
  void refused(Refusal refusal, String client) {
    if (refusal.status().equals(REQUEST_ENTITY_TOO_LARGE)) {
      rejectedTooLarge.increment();
    } else {
      rejectedMalformed.increment();
    }
    eventReadFail.increment();
    if (badLines.allows()) {
      log.warn(
          "{}: client {}: request refused with {}: {} ({} more such lines were left out)",
          name,
          client,
          refusal.status().code(),
          LogText.of(refusal.text()),
          badLines.takeLeftOut());
    }
  }

  /** What became of a request: events to be handed on, or an answer already. */
  record Read(EventBatch batch, Optional<Refusal> refusal) {}

  /** Makes events of a request. Called on the event loop. */
  Read read(HttpRequest head, byte[] body, int bodyBytes, String clientHost) {
    received.increment();
    try {
      String coding = head.headers().get(HttpHeaderNames.CONTENT_ENCODING);
      EventBatch batch;
      if (Inflation.isAskedFor(coding)) {
        Inflated inflated = Inflation.inflate(coding, body, bodyBytes, maxBodyBytes);
        batch = handler.read(new ReceivedRequest(head, inflated.array(), inflated.bytes()));
      } else {
        batch = handler.read(new ReceivedRequest(head, body, bodyBytes));
      }
      if (clientAddressHeader.isPresent()) {
        batch = batch.withHeader(clientAddressHeader.get(), clientHost, HeaderConflict.REPLACE);
      }
      if (batch.encodedBytes() > output.maxBatchBytes()) {
        return refused(
            Refusal.of(
                REQUEST_ENTITY_TOO_LARGE,
                "the events are too long (expected: at most "
                    + output.maxBatchBytes()
                    + " bytes, what the channels of this source accept); send fewer at a time"));
      }
      return new Read(batch, Optional.empty());
    } catch (Inflation.TooLongException e) {
      return refused(HeadCheck.tooLong(maxBodyBytes));
    } catch (IOException e) {
      return refused(Refusal.of(BAD_REQUEST, "the body is not what its Content-Encoding says"));
    } catch (RejectedException e) {
      return refused(Refusal.of(BAD_REQUEST, e.getMessage()));
    } catch (RuntimeException e) {
      return refused(failure("the handler failed", e));
    }
  }

  private static Read refused(Refusal refusal) {
    return new Read(EventBatch.EMPTY, Optional.of(refusal));
  }

  /** Completes with what the client is told; empty is 200. Never fails. */
  CompletableFuture<Optional<Refusal>> store(EventBatch batch) {
    if (batch.isEmpty()) {
      accepted.increment();
      return CompletableFuture.completedFuture(Optional.empty());
    }
    CompletableFuture<Void> stored;
    try {
      stored = output.emit(batch);
    } catch (RuntimeException e) {
      stored = CompletableFuture.failedFuture(e);
    }
    return stored.handle(
        (nothing, failure) -> {
          if (failure == null) {
            accepted.increment();
            return Optional.empty();
          }
          return Optional.of(answerTo(failure));
        });
  }

  private Refusal answerTo(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof TransientException || cause instanceof StorageException) {
      channelWriteFail.increment();
      if (channelLines.allows()) {
        log.warn(
            "{}: the channels did not take the events of a request: {}. Its client was answered 503"
                + " ({} more such lines were left out)",
            name,
            LogText.of(cause),
            channelLines.takeLeftOut());
      }
      return Refusal.of(
          SERVICE_UNAVAILABLE,
          "the channels did not take the events now, they may be full; nothing of the request is"
              + " promised to be stored, send it again later");
    }
    if (cause instanceof RejectedException) {
      return Refusal.of(BAD_REQUEST, "the events were refused: " + cause.getMessage());
    }
    return failure("the events could not be handed on", cause);
  }

  private Refusal failure(String what, Throwable cause) {
    genericProcessingFail.increment();
    if (failureLines.allows()) {
      log.error(
          "{}: {}; the client was answered 500 ({} more such lines were left out)",
          name,
          what,
          failureLines.takeLeftOut(),
          cause);
    }
    return Refusal.of(INTERNAL_SERVER_ERROR, what + "; see the log of the agent");
  }
}
