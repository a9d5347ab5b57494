/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Outcome;
import io.millrace.components.httpsink.Requests.Verdict;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The events of one batch in one request. A request that is refused for good is sent again in
 * halves, and these again, so that only the events are rejected that the server refuses alone; at
 * most two requests for each event, one after another. Confined to one request at a time.
 */
final class JsonDelivery {
  /** An event as it is sent, and its place in the batch. */
  private record Encoded(int index, byte[] json) {}

  private final Requests requests;
  private final EventFormat format;
  private final Outcome.Builder outcome = Outcome.builder();
  private final Deque<List<Encoded>> open = new ArrayDeque<>();
  private final CompletableFuture<Outcome> done = new CompletableFuture<>();

  private JsonDelivery(Requests requests, EventFormat format) {
    this.requests = requests;
    this.format = format;
  }

  static CompletableFuture<Outcome> begin(EventBatch batch, Requests requests, EventFormat format) {
    JsonDelivery delivery = new JsonDelivery(requests, format);
    delivery.encode(batch);
    delivery.sendNext();
    return delivery.done;
  }

  private void encode(EventBatch batch) {
    JsonEncoding encoding = new JsonEncoding();
    List<Encoded> events = new ArrayList<>(batch.eventCount());
    int index = 0;
    for (EventView event : batch) {
      Optional<byte[]> json = encoding.object(event);
      if (json.isPresent()) {
        events.add(new Encoded(index, json.get()));
      } else {
        outcome.reject(index, "its body is no text in UTF-8, which JSON cannot carry");
      }
      index++;
    }
    if (!events.isEmpty()) {
      open.add(events);
    }
  }

  private void sendNext() {
    List<Encoded> events = open.peekFirst();
    if (events == null) {
      done.complete(outcome.build());
      return;
    }
    requests
        .send(BodyPublishers.ofByteArray(body(events)))
        .thenAccept(verdict -> answered(events, verdict));
  }

  private void answered(List<Encoded> events, Verdict verdict) {
    if (verdict instanceof Verdict.Retry) {
      // All that was not settled.
      open.forEach(
          piece -> piece.forEach(event -> outcome.retry(event.index(), event.index() + 1)));
      done.complete(outcome.build());
      return;
    }
    open.removeFirst();
    if (verdict instanceof Verdict.Rejected rejected) {
      if (events.size() == 1) {
        outcome.reject(events.get(0).index(), rejected.reason());
      } else {
        int half = events.size() / 2;
        open.addFirst(events.subList(half, events.size()));
        open.addFirst(events.subList(0, half));
      }
    }
    sendNext();
  }

  private byte[] body(List<Encoded> events) {
    boolean isArray = format == EventFormat.JSON;
    int bytes = 2;
    for (Encoded event : events) {
      bytes += event.json().length + 1;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(bytes);
    if (isArray) {
      body.write('[');
    }
    boolean isFirst = true;
    for (Encoded event : events) {
      if (isArray && !isFirst) {
        body.write(',');
      }
      isFirst = false;
      body.writeBytes(event.json());
      if (!isArray) {
        body.write('\n');
      }
    }
    if (isArray) {
      body.write(']');
    }
    return body.toByteArray();
  }
}
