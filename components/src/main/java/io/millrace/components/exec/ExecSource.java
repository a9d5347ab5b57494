/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.RejectedException;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.kit.flow.EmitWindow;
import io.millrace.kit.log.LogText;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command, again and again if asked to, and hands on what it writes. A channel that refuses
 * holds up the command, by its full pipe, and loses nothing. A stop ends the command, and hands on
 * what it had written by then.
 */
final class ExecSource implements Source {
  static final int MAX_BATCHES_IN_FLIGHT = 4;

  private static final Logger log = LoggerFactory.getLogger(ExecSource.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(4));
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(1);

  private final ExecOptions options;
  private final SourceContext context;
  private final Counter starts;
  private final Counter truncated;
  private final Counter lost;
  private final Counter rejected;
  private final Counter channelFailures;
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));
  private volatile boolean isStopping;
  private volatile boolean isCommandOn;
  private volatile Thread pump;

  ExecSource(ExecOptions options, SourceContext context) {
    this.options = options;
    this.context = context;
    starts = context.metrics().counter("CommandStartCount");
    truncated = context.metrics().counter("LinesTruncated");
    lost = context.metrics().counter("LinesLost");
    rejected = context.metrics().counter("EventsRejected");
    channelFailures = context.metrics().counter("ChannelWriteFail");
    context.metrics().gauge("CommandRunning", () -> isCommandOn ? 1 : 0);
  }

  @Override
  public void start() {
    if (options.followsFile()) {
      log.warn(
          "Source {}: the command follows a file. What it has read and the agent not stored is lost"
              + " in a crash, and when the command is started again lines come twice or not at all:"
              + " the source taildir follows files without that.",
          context.name());
    }
    isStopping = false;
    pump = context.threads("pump").newThread(() -> new Pump().run());
    pump.start();
  }

  @Override
  public void stop() throws InterruptedException {
    isStopping = true;
    Thread running = pump;
    if (running != null) {
      LockSupport.unpark(running);
      running.join();
      pump = null;
    }
  }

  /** From one start of the source to its stop. Confined to the thread that runs it. */
  private final class Pump {
    private final Thread thread = Thread.currentThread();
    private final PendingLines lines =
        new PendingLines(options, lost, () -> LockSupport.unpark(thread));
    private final EmitWindow<Void> window =
        new EmitWindow<>(
            context.output(),
            MAX_BATCHES_IN_FLIGHT,
            BACKOFF,
            RandomGenerator.getDefault(),
            () -> LockSupport.unpark(thread),
            new Answers());
    private CommandRun command;
    private boolean isEndSaid;
    private long restartAtNanos = System.nanoTime();
    private long flushedNanos = System.nanoTime();

    void run() {
      try {
        while (!isStopping) {
          long nowNanos = System.nanoTime();
          keepCommand(nowNanos);
          handOn(nowNanos, isFlushDue(nowNanos));
          LockSupport.parkNanos(this, pauseNanos(System.nanoTime()));
        }
        end();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        isCommandOn = false;
        if (command != null) {
          // When a defect ended the loop: a command without an owner would run beside the next one.
          command.letGo();
        }
        window.close();
        sayLost(lines.abandon());
      }
    }

    private void sayLost(long left) {
      if (!window.isEmpty() || left > 0) {
        log.warn(
            "Source {}: the channels did not take the last lines of the command before the source"
                + " ended: {} batches and {} lines are lost",
            context.name(),
            window.batches(),
            left);
      }
    }

    private void keepCommand(long nowNanos) {
      if (command != null && command.isOn()) {
        return;
      }
      if (command != null && !isEndSaid) {
        sayEnd(nowNanos);
      }
      boolean isDue = command == null || options.restart();
      if (isDue && nowNanos - restartAtNanos >= 0) {
        launch(nowNanos);
      }
    }

    private void sayEnd(long nowNanos) {
      isEndSaid = true;
      isCommandOn = false;
      // What it left in the background would run on beside the next one, or for good.
      command.letGo();
      restartAtNanos = nowNanos + options.restartThrottle().toNanos();
      String then =
          options.restart()
              ? "it is started again in " + options.restartThrottle().toMillis() + " ms"
              : "it is not started again (restart = false)";
      if (command.status() == 0) {
        log.info("Source {}: the command ended; {}", context.name(), then);
      } else {
        log.warn(
            "Source {}: the command ended with status {}; {}{}",
            context.name(),
            command.status(),
            then,
            options.logStdErr() ? "" : ". logStdErr = true shows what it says.");
      }
    }

    private void launch(long nowNanos) {
      try {
        command = new CommandRun(options, context, lines, truncated, thread);
        starts.increment();
        isEndSaid = false;
        isCommandOn = true;
      } catch (IOException e) {
        // No process, or no memory for one: worth another try, whether or not it may end.
        Duration pause = options.restartThrottle().plus(Duration.ofSeconds(1));
        restartAtNanos = nowNanos + pause.toNanos();
        log.error(
            "Source {}: the command cannot be started, next try in {} ms: {}",
            context.name(),
            pause.toMillis(),
            LogText.of(e.getMessage()));
      }
    }

    private boolean isFlushDue(long nowNanos) {
      return nowNanos - flushedNanos >= options.batchTimeout().toNanos()
          || command == null
          || !command.isOn();
    }

    private void handOn(long nowNanos, boolean isDue) {
      lines.flushJoined(nowNanos, command == null || !command.isOn());
      window.settle(nowNanos);
      while (window.hasRoom()) {
        EventBatch batch = lines.poll(isDue);
        if (batch == null) {
          break;
        }
        flushedNanos = nowNanos;
        window.emit(null, batch);
        window.settle(nowNanos);
      }
      if (isDue) {
        flushedNanos = nowNanos;
      }
    }

    private long pauseNanos(long nowNanos) {
      long flush = flushedNanos + options.batchTimeout().toNanos() - nowNanos;
      long restart = command != null && command.isOn() ? Long.MAX_VALUE : restartAtNanos - nowNanos;
      boolean isForGood = command != null && !command.isOn() && !options.restart();
      long next = Math.min(flush, isForGood ? Long.MAX_VALUE : restart);
      next = Math.min(next, lines.nanosUntilJoinedDue(nowNanos));
      return Math.max(1_000_000, Math.min(next, window.nanosUntilRetry(nowNanos)));
    }

    /** Ends the command, and hands on what it wrote as long as the channels take it. */
    private void end() throws InterruptedException {
      if (command != null) {
        command.end();
      }
      long deadlineNanos = System.nanoTime() + STOP_PATIENCE.toNanos();
      while (isWorkLeft() && deadlineNanos - System.nanoTime() > 0) {
        handOn(System.nanoTime(), true);
        if (isWorkLeft()) {
          LockSupport.parkNanos(this, 10_000_000);
        }
      }
    }

    private boolean isWorkLeft() {
      return (command != null && command.isOn()) || lines.eventCount() > 0 || !window.isEmpty();
    }
  }

  private final class Answers implements EmitWindow.Listener<Void> {
    @Override
    public void settled(Void tag, EventBatch batch, int rejectedEvents) {
      // Counted by the engine.
    }

    @Override
    public void rejected(Void tag, int index, EventBatch event, RejectedException reason) {
      rejected.increment();
      say(event, reason, "They are left out");
    }

    @Override
    public void failed(Void tag, EventBatch batch, Throwable reason) {
      channelFailures.increment();
      say(batch, reason, "They are tried again, and the command waits");
    }

    private void say(EventBatch batch, Throwable reason, String consequence) {
      if (failureLog.allows()) {
        log.warn(
            "Source {}: the channels did not take {} lines: {}. {}. ({} such lines left out)",
            context.name(),
            batch.eventCount(),
            LogText.of(reason),
            consequence,
            failureLog.takeLeftOut());
      }
    }
  }
}
