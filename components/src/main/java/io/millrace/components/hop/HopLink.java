/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.hop;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.ClientDialect;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A sink's way to its server: one connection, made by the first call that finds none, so that the
 * server may be away at any time; and what the server's answers mean.
 *
 * <p>A connection that has reached its age ends when all calls on it are answered; the calls behind
 * them wait for that and go over the next one, so that none fails and none overtakes another. As
 * many wait at most as the sink has in flight.
 *
 * <p>A batch that a Millrace server refuses for good is sent in smaller pieces, see {@link
 * RefusedBatch}. What any other answer but OK means is not known: it is sent again.
 *
 * <p>Deliveries come from the sink's thread, pieces of refused ones from the thread of the
 * connection; what they share is guarded by {@code this}.
 */
public final class HopLink {
  private static final double RESET_JITTER = 0.25;

  private final Supplier<ClientDialect> dialect;
  private final Supplier<ClientSettings> settings;
  private final Duration resetInterval;
  private final SinkContext context;
  private final Counter connectionsCreated;
  private final Counter connectionsClosed;
  private final Counter connectionsFailed;
  private final Counter batchesRefused;
  private final RandomGenerator random = new SplittableRandom();

  /** Calls behind {@link #leaving}, in their order. */
  private final Deque<HeldCall> held = new ArrayDeque<>();

  private final LogLimit pieceLog = new LogLimit(Duration.ofSeconds(10));
  private volatile String target = "The server";
  private RpcClient client;
  private RpcConnection connection;
  private RpcConnection leaving;
  private long resetNanos;

  /** A call that waits for its connection. */
  private record HeldCall(Caller caller, CompletableFuture<Answer> answer) {}

  /** Makes a call on a connection; returns at once. */
  @FunctionalInterface
  public interface Caller {
    CompletableFuture<Answer> call(RpcConnection connection);
  }

  /**
   * @param dialect asked for one at each start
   * @param settings read at each start, for trust stores may change
   * @param resetInterval age at which a connection gives way to a new one, for some up to a quarter
   *     earlier, so that sinks that connected together do not do it again; zero for never
   */
  public HopLink(
      Supplier<ClientDialect> dialect,
      Supplier<ClientSettings> settings,
      Duration resetInterval,
      SinkContext context) {
    this.dialect = dialect;
    this.settings = settings;
    this.resetInterval = resetInterval;
    this.context = context;
    this.connectionsCreated = context.metrics().counter("ConnectionCreatedCount");
    this.connectionsClosed = context.metrics().counter("ConnectionClosedCount");
    this.connectionsFailed = context.metrics().counter("ConnectionFailedCount");
    this.batchesRefused = context.metrics().counter("BatchRefusedCount");
  }

  public synchronized void start() {
    ClientSettings current = settings.get();
    ClientDialect spoken = dialect.get();
    target = spoken.serverKind() + " " + current.target();
    client = new RpcClient(spoken, current, context.threads("io"));
  }

  /** Delivers a batch by one call, or by several where the server refuses it as a whole. */
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin, BatchCaller caller) {
    return caller.call(batch, origin).thenCompose(answer -> settle(batch, origin, answer, caller));
  }

  private CompletableFuture<Outcome> settle(
      EventBatch batch, Origin origin, Answer answer, BatchCaller caller) {
    if (answer == Answer.Status.OK) {
      return CompletableFuture.completedFuture(Outcome.delivered());
    }
    if (answer instanceof Answer.CallError error && error.isPermanent()) {
      batchesRefused.increment();
      return RefusedBatch.deliver(batch, origin, target, error, pieceLog, caller);
    }
    throw new TransientException(
        target
            + " did not take the batch, which stays in the channel and is sent again: "
            + explain(answer));
  }

  private static String explain(Answer answer) {
    return answer instanceof Answer.CallError error
        ? "it says: " + LogText.of(error.text())
        : "status " + answer + " (expected: OK)";
  }

  /**
   * Makes a call, now or as soon as the calls before it have left an old connection.
   *
   * @throws TransientException after a stop
   */
  public synchronized CompletableFuture<Answer> call(Caller caller) {
    if (client == null) {
      throw stopped();
    }
    if (isTimeToLeave()) {
      leaving = connection;
      connection = null;
      leaving.closeWhenAnswered();
      leaving.ended().thenRun(this::left);
    }
    if (leaving == null) {
      return caller.call(current());
    }
    // Connects while the last answers are on their way.
    current();
    HeldCall call = new HeldCall(caller, new CompletableFuture<>());
    held.add(call);
    return call.answer();
  }

  private boolean isTimeToLeave() {
    return leaving == null
        && connection != null
        && !connection.isEnded()
        && !resetInterval.isZero()
        && System.nanoTime() - resetNanos >= 0;
  }

  private RpcConnection current() {
    if (connection == null || connection.isEnded()) {
      connection = client.connect();
      double share = 1 - RESET_JITTER * random.nextDouble();
      resetNanos = System.nanoTime() + (long) (resetInterval.toNanos() * share);
      count(connection);
    }
    return connection;
  }

  /** The old connection has ended: nothing more is answered on it. */
  private synchronized void left() {
    leaving = null;
    for (HeldCall call = held.poll(); call != null; call = held.poll()) {
      CompletableFuture<Answer> answer = call.answer();
      if (client == null) {
        answer.completeExceptionally(stopped());
        continue;
      }
      call.caller()
          .call(current())
          .whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  answer.complete(value);
                } else {
                  answer.completeExceptionally(failure);
                }
              });
    }
  }

  private TransientException stopped() {
    return new TransientException(target + ": the sink has stopped");
  }

  private void count(RpcConnection counted) {
    counted
        .established()
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                connectionsFailed.increment();
                return;
              }
              connectionsCreated.increment();
              counted.ended().thenRun(connectionsClosed::increment);
            });
  }

  public void stop() {
    RpcClient stopped;
    synchronized (this) {
      stopped = client;
      client = null;
      connection = null;
    }
    if (stopped != null) {
      stopped.close();
      left();
    }
  }
}
