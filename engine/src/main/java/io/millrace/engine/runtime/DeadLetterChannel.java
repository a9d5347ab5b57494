/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.HeaderConflict;
import io.millrace.api.TransientException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Where the events go that a sink rejects for good, each with headers that say why. Safe for many
 * threads.
 */
final class DeadLetterChannel {
  /** Why, in the words of the sink. */
  static final String REASON = "millrace.rejected.reason";

  /** Name of the sink. */
  static final String SINK = "millrace.rejected.sink";

  /** When, as in 2026-01-01T00:00:00.123Z. */
  static final String TIME = "millrace.rejected.time";

  /** A longer reason is cut. */
  static final int MAX_REASON_CHARS = 500;

  private final String name;
  private final String sink;
  private final Channel channel;
  private final BooleanSupplier isReady;
  private final Clock clock;

  /**
   * @param isReady whether the channel has started
   */
  DeadLetterChannel(
      String name, String sink, Channel channel, BooleanSupplier isReady, Clock clock) {
    this.name = name;
    this.sink = sink;
    this.channel = channel;
    this.isReady = isReady;
    this.clock = clock;
  }

  String name() {
    return name;
  }

  /**
   * Appends the rejected ones of a batch. Completes once they are as durable as the channel
   * promises; fails, never throws, when the channel does not take them.
   *
   * @param rejections reasons by the index of the event, in order
   */
  CompletableFuture<Void> append(EventBatch batch, Map<Integer, String> rejections) {
    if (!isReady.getAsBoolean()) {
      return CompletableFuture.failedFuture(
          new TransientException("Channel " + name + " has not started"));
    }
    try {
      return channel.append(withReasons(batch, rejections));
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private EventBatch withReasons(EventBatch batch, Map<Integer, String> rejections) {
    EventBatch.Builder rejected = EventBatch.builder();
    int index = 0;
    for (EventView event : batch) {
      String reason = rejections.get(index++);
      if (reason != null) {
        rejected.add(event, REASON, fit(reason));
      }
    }
    return rejected
        .build()
        .withHeader(SINK, sink, HeaderConflict.REPLACE)
        .withHeader(
            TIME,
            clock.instant().truncatedTo(ChronoUnit.MILLIS).toString(),
            HeaderConflict.REPLACE);
  }

  /** One line of bounded length, whatever the store or the event put into it. */
  static String fit(String reason) {
    StringBuilder fit = new StringBuilder();
    reason
        .codePoints()
        .limit(MAX_REASON_CHARS)
        .map(each -> isShown(each) ? each : ' ')
        .forEach(fit::appendCodePoint);
    return fit.toString().strip();
  }

  private static boolean isShown(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
