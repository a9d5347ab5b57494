/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.EventBatch;
import io.millrace.api.JmsConverter;
import io.millrace.api.JmsMessage;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.api.SourceContext;
import io.millrace.kit.log.LogText;

/** Makes events of messages, with a bounded number of tries. Confined to the receiving thread. */
final class Conversion {
  private final JmsConverter converter;
  private final int maxAttempts;
  private final Output output;
  private final Counter failures;

  Conversion(SourceContext context, JmsSourceOptions options) {
    converter = options.converter().build();
    maxAttempts = options.conversionAttempts();
    output = context.output();
    failures = context.metrics().counter("ConversionFailures");
  }

  /**
   * The events of a message.
   *
   * @throws RejectedException when it cannot become events that the channels accept
   * @throws JmsFailure when the connection broke while it was read
   */
  EventBatch eventsOf(ClientMessage message, JmsLink link) throws JmsFailure {
    Exception last = null;
    for (int attempt = 0; attempt < maxAttempts; attempt++) {
      try {
        refuseHuge(message);
        return checked(converter.convert(message));
      } catch (RejectedException e) {
        failures.increment();
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        last = e;
      } catch (Exception e) {
        // Whatever a converter throws concerns this message alone.
        last = e;
      }
      if (link.isLost()) {
        throw new JmsFailure("the connection was lost while a message was read", last);
      }
      failures.increment();
    }
    throw new RejectedException(
        "the converter failed " + maxAttempts + " times, at last with " + LogText.of(last), last);
  }

  /** Before its bytes are copied. */
  private void refuseHuge(ClientMessage message) {
    if (message.kind() == JmsMessage.Kind.BYTES && message.bodyBytes() > output.maxBatchBytes()) {
      throw tooLarge(message.bodyBytes());
    }
  }

  private EventBatch checked(EventBatch events) {
    if (events == null) {
      throw new RejectedException("the converter returned null (expected: a batch, or EMPTY)");
    }
    if (events.encodedBytes() > output.maxBatchBytes()) {
      throw tooLarge(events.encodedBytes());
    }
    return events;
  }

  private RejectedException tooLarge(long bytes) {
    return new RejectedException(
        "it makes " + bytes + " bytes (expected: at most " + output.maxBatchBytes() + ")");
  }
}
