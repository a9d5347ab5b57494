/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Outcome;
import io.millrace.components.httpsink.Requests.Verdict;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;

/**
 * The events of one batch, each in a request of its own, so many at a time. After the first that
 * has to be tried again no further is sent. Guarded by {@code this}.
 */
final class BodyDelivery {
  private final EventBatch batch;
  private final Iterator<EventView> events;
  private final Requests requests;
  private final int maxInFlight;
  private final Outcome.Builder outcome = Outcome.builder();
  private final CompletableFuture<Outcome> done = new CompletableFuture<>();
  private int next;
  private int inFlight;
  private boolean isSending;
  private boolean isEnding;

  private BodyDelivery(EventBatch batch, Requests requests, int maxInFlight) {
    this.batch = batch;
    this.events = batch.iterator();
    this.requests = requests;
    this.maxInFlight = maxInFlight;
  }

  static CompletableFuture<Outcome> begin(EventBatch batch, Requests requests, int maxInFlight) {
    BodyDelivery delivery = new BodyDelivery(batch, requests, maxInFlight);
    delivery.send();
    return delivery.done;
  }

  private synchronized void send() {
    if (isSending) {
      // A response came while the loop below runs, which goes on by itself.
      return;
    }
    isSending = true;
    while (!isEnding && inFlight < maxInFlight && events.hasNext()) {
      EventView event = events.next();
      int index = next++;
      if (event.bodyBytes() == 0) {
        outcome.reject(index, "it has no body, so that there is nothing to send");
        continue;
      }
      inFlight++;
      // The view moves on; the body is the request's own.
      requests
          .send(BodyPublishers.ofByteArray(event.body()))
          .thenAccept(verdict -> answered(index, verdict));
    }
    isSending = false;
    completeIfDone();
  }

  private synchronized void answered(int index, Verdict verdict) {
    inFlight--;
    if (verdict instanceof Verdict.Rejected rejected) {
      outcome.reject(index, rejected.reason());
    } else if (verdict instanceof Verdict.Retry) {
      outcome.retry(index, index + 1);
      isEnding = true;
    }
    send();
  }

  private void completeIfDone() {
    if (inFlight == 0 && (isEnding || next == batch.eventCount())) {
      if (next < batch.eventCount()) {
        outcome.retry(next, batch.eventCount());
      }
      done.complete(outcome.build());
    }
  }
}
