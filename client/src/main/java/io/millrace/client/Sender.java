/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that empties the outbox: makes calls of parcels, settles what is answered, sends
 * again what failed. Confined to that thread, but for what is said to be for any.
 */
final class Sender implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(EventClient.class);
  private static final long NEVER = Outbox.NEVER;

  /** Failures that make a parcel suspect of being to blame for them. */
  private static final int MAX_SUSPICIONS = 4;

  private final ClientOptions options;
  private final Outbox outbox;
  private final Servers servers;
  private final ClientListener listener;
  private final LogLimit listenerLimit = new LogLimit(Duration.ofSeconds(10));
  private final LongAdder sent = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final CountDownLatch terminated = new CountDownLatch(1);

  /** Parcels to be sent again, oldest first. All are older than any fresh one. */
  private final PriorityQueue<Parcel> retries =
      new PriorityQueue<>(Comparator.comparingLong(parcel -> parcel.sequence));

  /**
   * Parcels whose calls keep failing, the next to be tried first. Each travels alone and by turns
   * with the others, so that one that no server can take holds up none of them.
   */
  private final Deque<Parcel> suspects = new ArrayDeque<>();

  private boolean isTurnOfSuspects;

  private final Set<Call> underWay = Collections.newSetFromMap(new IdentityHashMap<>());

  Sender(ClientOptions options, Outbox outbox, Servers servers, ClientListener listener) {
    this.options = options;
    this.outbox = outbox;
    this.servers = servers;
    this.listener = listener;
  }

  @Override
  public void run() {
    Throwable reason = null;
    try {
      while (turn()) {
        // One turn after the other.
      }
    } catch (Throwable e) {
      // Nothing is sent any more: whoever waits must hear of it, whatever it was.
      reason = e;
    } finally {
      outbox.close(System.nanoTime());
      giveUpAll(reason);
      servers.close();
      terminated.countDown();
    }
  }

  /** For any thread: whether the thread has ended, within the limit. */
  boolean awaitTermination(Duration limit) throws InterruptedException {
    return terminated.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** For any thread. */
  long sentEvents() {
    return sent.sum();
  }

  /** For any thread. */
  long retriedEvents() {
    return retried.sum();
  }

  /** One look at everything; false at the end. */
  private boolean turn() throws InterruptedException {
    for (Outcome outcome : outbox.takeOutcomes()) {
      if (outcome instanceof Outcome.Connected connected) {
        connected.server().connected(connected.link());
        tell(() -> listener.connected(connected.server().address()));
      } else if (outcome instanceof Outcome.Ended ended) {
        settle(ended);
      }
    }
    long now = System.nanoTime();
    expire(now);
    long waitNanos = Math.min(sendWhatIsDue(), nextExpiryInNanos());
    if (outbox.isClosed()
        && (outbox.counts().buffered() == 0 || outbox.closesInNanos(System.nanoTime()) <= 0)) {
      return false;
    }
    outbox.awaitWork(Math.min(waitNanos, outbox.closesInNanos(System.nanoTime())));
    return true;
  }

  /** Returns the nanoseconds until there may be more to send. */
  private long sendWhatIsDue() {
    while (true) {
      long now = System.nanoTime();
      long dueInNanos = retries.isEmpty() ? outbox.dueInNanos(now) : 0;
      boolean isOthersTurn = dueInNanos <= 0 && !(isTurnOfSuspects && !suspects.isEmpty());
      if (dueInNanos > 0 && suspects.isEmpty()) {
        return dueInNanos;
      }
      Optional<Server> server = servers.pick(now);
      if (server.isEmpty()) {
        return servers.backInNanos(now);
      }
      isTurnOfSuspects = isOthersTurn;
      send(server.get(), isOthersTurn ? gather() : List.of(suspects.poll()));
    }
  }

  private List<Parcel> gather() {
    List<Parcel> parcels = new ArrayList<>();
    long eventsLeft = options.batchEvents();
    long bytesLeft = options.batchBytes().bytes();
    while (eventsLeft > 0) {
      Parcel next = next(parcels, eventsLeft, bytesLeft);
      if (next == null) {
        break;
      }
      parcels.add(next);
      eventsLeft -= next.events();
      bytesLeft -= next.batch.encodedBytes();
      if (next.travelsAlone) {
        break;
      }
    }
    return parcels;
  }

  /** The first parcel of a call is taken whatever its size. */
  private Parcel next(List<Parcel> before, long eventsLeft, long bytesLeft) {
    Parcel retry = retries.peek();
    if (retry == null) {
      return before.isEmpty()
          ? outbox.pollFresh(NEVER, NEVER)
          : outbox.pollFresh(eventsLeft, bytesLeft);
    }
    boolean fits =
        !retry.travelsAlone
            && retry.events() <= eventsLeft
            && retry.batch.encodedBytes() <= bytesLeft;
    return before.isEmpty() || fits ? retries.poll() : null;
  }

  private void send(Server server, List<Parcel> parcels) {
    Call call = new Call(server, parcels, System.nanoTime());
    underWay.add(call);
    server.begun();
    int again = 0;
    for (Parcel parcel : parcels) {
      again += parcel.failedAttempts > 0 || parcel.travelsAlone ? parcel.events() : 0;
    }
    sent.add(call.events());
    retried.add(again);
    EventBatch batch = EventBatch.join(parcels.stream().map(parcel -> parcel.batch).toList());
    Link link;
    try {
      link = linkOf(server);
    } catch (RuntimeException e) {
      // No event loop, say, for want of file descriptors: as good as no server.
      outbox.post(new Outcome.Ended(call, null, e));
      return;
    }
    link.appendBatch(batch)
        .whenComplete(
            (answer, failure) -> outbox.post(new Outcome.Ended(call, answer, unwrapped(failure))));
  }

  private Link linkOf(Server server) {
    return server.link(
        link -> link.established().thenRun(() -> outbox.post(new Outcome.Connected(server, link))));
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void settle(Outcome.Ended ended) {
    Call call = ended.call();
    underWay.remove(call);
    Server server = call.server();
    server.ended();
    if (ended.answer() == Answer.Status.OK) {
      server.succeeded(call.events());
      call.parcels().forEach(parcel -> outbox.settle(parcel, null));
    } else if (ended.answer() instanceof Answer.CallError error && error.isPermanent()) {
      server.succeeded(0);
      refused(
          call,
          new RejectedException(
              "Server " + server.address() + " refuses: " + LogText.of(error.text())));
    } else if (ended.failure() instanceof RejectedException rejection) {
      // Nothing was sent, and nothing is known of the server.
      refused(call, rejection);
    } else {
      Throwable reason =
          ended.failure() != null
              ? ended.failure()
              : new TransientException(
                  "Server "
                      + server.address()
                      + " did not take the events: "
                      + explain(ended.answer()));
      if (server.failed(call.sentNanos(), System.nanoTime())) {
        tell(() -> listener.serverFailed(server.address(), reason));
      }
      boolean mayBeToBlame = ended.failure() == null || server.wasReached();
      for (Parcel parcel : call.parcels()) {
        parcel.suspicions += mayBeToBlame ? 1 : 0;
        sendAgain(parcel, reason);
      }
    }
  }

  private static String explain(Answer answer) {
    return answer instanceof Answer.CallError error
        ? "it says: " + LogText.of(error.text())
        : "status " + answer + " (expected: OK)";
  }

  /** Trying again is of no use; of several parcels one may be to blame. */
  private void refused(Call call, RejectedException reason) {
    if (call.parcels().size() == 1) {
      giveUp(call.parcels().get(0), reason);
      return;
    }
    for (Parcel parcel : call.parcels()) {
      parcel.travelsAlone = true;
      retries.add(parcel);
    }
  }

  private void sendAgain(Parcel parcel, Throwable reason) {
    parcel.failedAttempts++;
    parcel.lastFailure = reason;
    if (parcel.failedAttempts >= options.maxAttempts()) {
      giveUp(
          parcel,
          new TransientException(
              prefix()
                  + "no acknowledgement in "
                  + parcel.failedAttempts
                  + " tries; a server may have the events all the same: "
                  + reason.getMessage(),
              reason));
    } else if (parcel.suspicions >= MAX_SUSPICIONS && options.maxInFlight() > 1) {
      // With one call in flight order is promised: then all wait for the first.
      suspects.add(parcel);
    } else {
      retries.add(parcel);
    }
  }

  private void expire(long nowNanos) {
    long timeoutNanos = options.deliveryTimeout().toNanos();
    while (!retries.isEmpty() && nowNanos - retries.peek().acceptedNanos >= timeoutNanos) {
      Parcel parcel = retries.poll();
      giveUp(parcel, expired(parcel));
    }
    for (Parcel parcel : List.copyOf(suspects)) {
      if (nowNanos - parcel.acceptedNanos >= timeoutNanos) {
        suspects.remove(parcel);
        giveUp(parcel, expired(parcel));
      }
    }
    while (isOlder(outbox.oldestFreshNanos(), nowNanos, timeoutNanos)) {
      Parcel parcel = outbox.pollFresh(NEVER, NEVER);
      giveUp(parcel, expired(parcel));
    }
  }

  private static boolean isOlder(Optional<Long> acceptedNanos, long nowNanos, long ageNanos) {
    return acceptedNanos.isPresent() && nowNanos - acceptedNanos.get() >= ageNanos;
  }

  private long nextExpiryInNanos() {
    long now = System.nanoTime();
    long timeoutNanos = options.deliveryTimeout().toNanos();
    long nanos =
        outbox.oldestFreshNanos().map(accepted -> accepted + timeoutNanos - now).orElse(NEVER);
    for (Parcel parcel : suspects) {
      nanos = Math.min(nanos, parcel.acceptedNanos + timeoutNanos - now);
    }
    return retries.isEmpty()
        ? nanos
        : Math.min(nanos, retries.peek().acceptedNanos + timeoutNanos - now);
  }

  private TransientException expired(Parcel parcel) {
    Throwable last = parcel.lastFailure;
    return new TransientException(
        prefix()
            + "no acknowledgement within "
            + options.deliveryTimeout().toMillis()
            + " ms; "
            + (last == null
                ? "the events were not sent, for no server could be reached in that time"
                : "a server may have the events all the same: " + last.getMessage()),
        last);
  }

  private void giveUp(Parcel parcel, Throwable reason) {
    outbox.settle(parcel, reason);
    tell(() -> listener.failed(parcel.events(), reason));
  }

  /** At the end: nothing stays without an answer. */
  private void giveUpAll(Throwable defect) {
    List<Parcel> left = new ArrayList<>();
    underWay.forEach(call -> left.addAll(call.parcels()));
    left.addAll(retries);
    left.addAll(suspects);
    for (Parcel parcel = outbox.pollFresh(NEVER, NEVER);
        parcel != null;
        parcel = outbox.pollFresh(NEVER, NEVER)) {
      left.add(parcel);
    }
    left.sort(Comparator.comparingLong(parcel -> parcel.sequence));
    for (Parcel parcel : left) {
      outbox.settle(parcel, defect != null ? broken(defect) : closed(parcel));
    }
    if (!left.isEmpty()) {
      int events = left.stream().mapToInt(Parcel::events).sum();
      tell(() -> listener.failed(events, defect != null ? broken(defect) : closed(left.get(0))));
    }
  }

  private TransientException closed(Parcel parcel) {
    Throwable last = parcel.lastFailure;
    return new TransientException(
        prefix()
            + "closed before a server acknowledged the events; one may have them all the same"
            + (last == null ? "" : ". The last failure: " + last.getMessage()),
        last);
  }

  private TransientException broken(Throwable defect) {
    return new TransientException(prefix() + "ended by a defect: " + defect, defect);
  }

  private void tell(Runnable news) {
    try {
      news.run();
    } catch (RuntimeException e) {
      if (listenerLimit.allows()) {
        log.warn("Client {}: its listener failed", options.name(), e);
      }
    }
  }

  private String prefix() {
    return "Client " + options.name() + ": ";
  }
}
