/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.RejectedException;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the source's thread does between start and stop. Confined to that thread, but for {@link
 * #end} and {@link #breakLink}.
 */
final class JmsPump implements Runnable {
  /** Longest wait within the client, so that a stop is seen. */
  private static final long MAX_WAIT_MILLIS = 250;

  private static final Logger log = LoggerFactory.getLogger(JmsPump.class);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  private final SourceContext context;
  private final JmsSourceOptions options;
  private final Conversion conversion;
  private final ChannelIntake intake;
  private final SettledMessages settled = new SettledMessages();
  private final RandomGenerator random = RandomGenerator.getDefault();
  private final LogLimit errorLog = new LogLimit(LOG_INTERVAL);
  private final LogLimit rejectionLog = new LogLimit(LOG_INTERVAL);
  private final Counter errors;
  private final Counter connections;
  private final Counter setAside;
  private final Counter leftOut;
  private final Counter duplicates;
  private volatile boolean isStopping;
  private volatile JmsLink link;
  private int errorsInRow;
  private int failures;
  private int rejectedInTransaction;

  JmsPump(SourceContext context, JmsSourceOptions options) {
    this.context = context;
    this.options = options;
    conversion = new Conversion(context, options);
    intake = new ChannelIntake(context, options.backoff(), random, () -> isStopping);
    errors = context.metrics().counter("JmsErrors");
    connections = context.metrics().counter("JmsConnections");
    setAside = context.metrics().counter("MessagesSetAside");
    leftOut = context.metrics().counter("MessagesLeftOut");
    duplicates = context.metrics().counter("DuplicatesDropped");
    context.metrics().gauge("Connected", () -> link == null ? 0 : 1);
  }

  /** Ends the loop soon. Safe for any thread. */
  void end() {
    isStopping = true;
  }

  /** Ends the connection under the loop. Safe for any thread. */
  void breakLink() {
    JmsLink broken = link;
    if (broken != null) {
      try {
        broken.close();
      } catch (JmsFailure e) {
        log.debug("Source {}: the connection did not close: {}", context.name(), e.getMessage());
      }
    }
  }

  @Override
  public void run() {
    try {
      while (!isStopping) {
        try {
          if (link == null) {
            connect();
          }
          receiveAndHandOn();
          errorsInRow = 0;
          failures = 0;
        } catch (JmsFailure e) {
          recover(e);
        }
      }
    } finally {
      breakLink();
      link = null;
    }
  }

  private void connect() throws JmsFailure {
    link = JmsLink.open(options);
    connections.increment();
    errorsInRow = 0;
    log.info(
        "Source {}: receives from the {} {} by a client of {}",
        context.name(),
        options.destinationType().name().toLowerCase(Locale.ROOT),
        LogText.of(options.destinationName()),
        link.apiPackage());
  }

  private void receiveAndHandOn() throws JmsFailure {
    if (link.isLost()) {
      throw new JmsFailure("the connection to the broker is lost");
    }
    List<Received> received = new ArrayList<>();
    List<ByteBuffer> inChannels = new ArrayList<>();
    rejectedInTransaction = 0;
    boolean isDone = false;
    try {
      receive(received);
      if (received.isEmpty()) {
        return;
      }
      if (handOn(received, inChannels)) {
        link.commit();
        (options.queueOfRejected().isPresent() ? setAside : leftOut).add(rejectedInTransaction);
      } else {
        link.rollback();
      }
      isDone = true;
    } finally {
      if (!isDone) {
        inChannels.forEach(settled::add);
        received.stream()
            .filter(each -> each.isHad() && each.mark() != null)
            .forEach(each -> settled.add(each.mark()));
      }
    }
  }

  /** Fills the list from the broker: some messages, or none in the time there is for the first. */
  private void receive(List<Received> received) throws JmsFailure {
    long bytes = 0;
    ClientMessage message = first();
    while (message != null) {
      Received next = converted(message);
      received.add(next);
      bytes += next.events().encodedBytes();
      boolean isFull = received.size() >= options.batchSize() || bytes >= EventBatch.TARGET_BYTES;
      message = isFull || isStopping ? null : link.receive(0);
    }
  }

  private ClientMessage first() throws JmsFailure {
    long pollMillis = options.pollTimeout().toMillis();
    long startNanos = System.nanoTime();
    while (!isStopping && !link.isLost()) {
      long waitedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
      long leftMillis = pollMillis == 0 ? MAX_WAIT_MILLIS : pollMillis - waitedMillis;
      if (leftMillis <= 0) {
        return null;
      }
      ClientMessage message = link.receive(Math.min(leftMillis, MAX_WAIT_MILLIS));
      if (message != null) {
        return message;
      }
    }
    return null;
  }

  private Received converted(ClientMessage message) throws JmsFailure {
    try {
      return known(message, conversion.eventsOf(message, link));
    } catch (TransientException e) {
      throw new JmsFailure("a message could not be read", e);
    } catch (RejectedException e) {
      reject(message, e);
      return new Received(message, EventBatch.EMPTY, null, true);
    }
  }

  private Received known(ClientMessage message, EventBatch events) {
    ByteBuffer mark = message.id().map(id -> SettledMessages.mark(id, events)).orElse(null);
    boolean isHad = mark != null && !settled.isEmpty() && settled.remove(mark);
    if (isHad) {
      duplicates.add(events.eventCount());
    }
    return new Received(message, events, mark, isHad);
  }

  /**
   * Brings the events into the channels.
   *
   * @param inChannels gets the marks of the messages whose events are there from now on
   * @return false when the agent stops before the channels have them all
   */
  private boolean handOn(List<Received> received, List<ByteBuffer> inChannels) throws JmsFailure {
    List<Received> fresh = new ArrayList<>();
    for (Received each : received) {
      if (!each.isHad()) {
        fresh.add(each);
      }
    }
    for (List<Received> run : runs(fresh)) {
      if (!handOnRun(run, inChannels)) {
        return false;
      }
    }
    return true;
  }

  private boolean handOnRun(List<Received> run, List<ByteBuffer> inChannels) throws JmsFailure {
    ChannelIntake.Answer answer =
        intake.bring(EventBatch.join(run.stream().map(Received::events).toList()));
    if (answer instanceof ChannelIntake.Answer.Taken) {
      run.stream().map(Received::mark).filter(Objects::nonNull).forEach(inChannels::add);
      return true;
    }
    if (answer instanceof ChannelIntake.Answer.Refused refused) {
      if (run.size() == 1) {
        reject(run.get(0).message(), refused.reason());
        return true;
      }
      // One of them is at fault: each by itself, to find it.
      for (Received each : run) {
        if (!handOnRun(List.of(each), inChannels)) {
          return false;
        }
      }
      return true;
    }
    return false;
  }

  /** Cuts where the channels would not take more at once. */
  private List<List<Received>> runs(List<Received> received) {
    List<List<Received>> runs = new ArrayList<>();
    List<Received> run = new ArrayList<>();
    long bytes = 0;
    for (Received each : received) {
      if (!run.isEmpty()
          && bytes + each.events().encodedBytes() > context.output().maxBatchBytes()) {
        runs.add(run);
        run = new ArrayList<>();
        bytes = 0;
      }
      run.add(each);
      bytes += each.events().encodedBytes();
    }
    if (!run.isEmpty()) {
      runs.add(run);
    }
    return runs;
  }

  /** Takes the message out of the way, in the transaction that it came in. */
  private void reject(ClientMessage message, RejectedException reason) throws JmsFailure {
    Optional<String> queue = options.queueOfRejected();
    if (queue.isPresent()) {
      link.setAside(message);
    }
    rejectedInTransaction++;
    if (rejectionLog.allows()) {
      log.warn(
          "Source {}: the message {} cannot become events: {}. It is {}. ({} such lines left out)",
          context.name(),
          LogText.of(message.id().orElse("without an id")),
          LogText.of(reason.getMessage()),
          queue.map(name -> "moved to the queue " + LogText.of(name)).orElse("left out"),
          rejectionLog.takeLeftOut());
    }
  }

  /** After a failure: gives the messages back, and the connection up when it is of no more use. */
  private void recover(JmsFailure failure) {
    errors.increment();
    errorsInRow++;
    failures++;
    Duration pause = options.backoff().pause(failures, random);
    if (!isStopping && errorLog.allows()) {
      log.warn(
          "Source {}: {}; next try in {} ms ({} such lines left out)",
          context.name(),
          failure.getMessage(),
          pause.toMillis(),
          errorLog.takeLeftOut());
    }
    if (link != null && !isUsable()) {
      breakLink();
      link = null;
    }
    long untilNanos = System.nanoTime() + pause.toNanos();
    while (!isStopping && untilNanos - System.nanoTime() > 0) {
      LockSupport.parkNanos(
          this,
          Math.min(
              TimeUnit.MILLISECONDS.toNanos(MAX_WAIT_MILLIS),
              Math.max(1, untilNanos - System.nanoTime())));
    }
  }

  private boolean isUsable() {
    if (link.isLost() || errorsInRow > options.errorThreshold()) {
      return false;
    }
    try {
      link.rollback();
      return true;
    } catch (JmsFailure e) {
      return false;
    }
  }
}
