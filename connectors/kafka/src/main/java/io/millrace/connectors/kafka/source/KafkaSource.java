/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.api.Backoff;
import io.millrace.api.LogLimit;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.connectors.kafka.client.Failure;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a member of the consumer group alive: one thread reads, and begins anew with a pause when
 * the consumer fails. What a consumer does is {@link GroupMember}'s.
 */
final class KafkaSource implements Source {
  private static final Logger log = LoggerFactory.getLogger(KafkaSource.class);

  private final KafkaSourceOptions options;
  private final SourceContext context;
  private final SourceMeters meters;
  private final Backoff backoff;
  private final LogLimit failureLines = new LogLimit(Duration.ofSeconds(10));
  private volatile boolean isStopping;
  private volatile Thread thread;
  private volatile GroupMember member;

  KafkaSource(KafkaSourceOptions options, SourceContext context) {
    this.options = options;
    this.context = context;
    this.meters = new SourceMeters(context.metrics());
    Duration first = options.backoffSleepIncrement();
    Duration ceiling = options.maxBackoffSleep();
    this.backoff = new Backoff(first.compareTo(ceiling) < 0 ? first : ceiling, ceiling);
  }

  @Override
  public void start() {
    thread = context.threads("poll").newThread(this::run);
    thread.start();
  }

  @Override
  public void stop() throws InterruptedException {
    isStopping = true;
    GroupMember running = member;
    if (running != null) {
      running.stop();
    }
    Thread polling = thread;
    if (polling != null) {
      LockSupport.unpark(polling);
      polling.join();
      thread = null;
    }
  }

  private void run() {
    int failures = 0;
    while (!isStopping) {
      long beganNanos = System.nanoTime();
      try {
        runMember();
      } catch (KafkaException | IllegalStateException e) {
        boolean hadRun = System.nanoTime() - beganNanos > options.maxBackoffSleep().toNanos() * 4;
        failures = hadRun ? 1 : failures + 1;
        meters.readFailed();
        say(e);
        pause(failures);
      }
    }
  }

  private void runMember() {
    KafkaConsumer<byte[], byte[]> consumer =
        options.settings(context.agent() + "-" + context.name()).newConsumer();
    GroupMember joined = new GroupMember(consumer, options, context, meters, backoff);
    member = joined;
    if (isStopping) {
      joined.stop();
    }
    try {
      joined.run();
    } finally {
      member = null;
    }
  }

  private void pause(int failures) {
    long untilNanos =
        System.nanoTime() + backoff.pause(failures, RandomGenerator.getDefault()).toNanos();
    while (!isStopping && untilNanos - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, untilNanos - System.nanoTime());
    }
  }

  private void say(RuntimeException e) {
    if (failureLines.allows()) {
      log.warn(
          "Source {}: {} {}. Nothing is lost; it is tried again ({} such lines left out)",
          context.name(),
          Failure.isRefusal(e)
              ? "the broker refuses to let it read:"
              : "the consumer failed and is made anew:",
          LogText.of(Failure.cause(e)),
          failureLines.takeLeftOut());
    }
  }
}
