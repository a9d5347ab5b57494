/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends by a sink of this module, as a fixture of a source does. Stateless. */
public final class Sinks {
  private static final int FLOOD_BATCH = 100;

  private Sinks() {}

  private static EventBatch batch(List<String> bodies) {
    EventBatch.Builder batch = EventBatch.builder();
    bodies.forEach(body -> batch.add(EncodedHeaders.NONE, body.getBytes(StandardCharsets.UTF_8)));
    return batch.build();
  }

  /** One batch by a sink of its own; the bodies that it has delivered. */
  public static Set<String> offer(Sink sink, List<String> bodies) throws IOException {
    try {
      sink.start();
      Outcome outcome = sink.deliver(batch(bodies), Origin.NONE).get(60, TimeUnit.SECONDS);
      Set<String> delivered = new HashSet<>();
      for (int i = 0; i < bodies.size(); i++) {
        if (!outcome.isRetried(i) && !outcome.rejections().containsKey(i)) {
          delivered.add(bodies.get(i));
        }
      }
      return delivered;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(e);
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      stop(sink);
    }
  }

  /** Batches one upon the other, before any is answered. */
  public static void flood(Sink sink, List<String> bodies) throws IOException {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    try {
      sink.start();
      for (int from = 0; from < bodies.size(); from += FLOOD_BATCH) {
        int to = Math.min(from + FLOOD_BATCH, bodies.size());
        answers.add(sink.deliver(batch(bodies.subList(from, to)), Origin.NONE));
      }
      for (CompletableFuture<Outcome> answer : answers) {
        answer.handle((outcome, failure) -> null).get(60, TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      stop(sink);
    }
  }

  private static void stop(Sink sink) throws IOException {
    try {
      sink.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
