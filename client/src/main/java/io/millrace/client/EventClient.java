/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.api.MillraceException;
import io.millrace.api.RejectedException;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.Wrapping;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to avro or thrift sources of Millrace or Flume: to one server, to the first of
 * several that works, or to several in turn. Events of all threads share calls and connections.
 *
 * <p>What is promised:
 *
 * <ul>
 *   <li>A future completes, and a blocking call returns, when a server has <em>acknowledged</em>
 *       the events: its channels hold them as durably as they promise.
 *   <li>A failure says why, and nothing about whether a server has the events: an answer can be
 *       lost. {@link BufferFullException} is the exception: those were never sent.
 *   <li>What fails is sent again until the time or the tries allowed are used up. Sent again means
 *       possibly <em>stored twice</em>, at a Millrace server as at Flume's: a client has no journal
 *       by which a server could know its events. An {@code EmbeddedAgent} with a file channel has.
 *   <li>Events that are too large, or that a Millrace server refuses for good ({@link
 *       RejectedException}) are not sent again. What an error of a Flume server means is not known:
 *       they are, like any others.
 *   <li>A send of more events than a call holds goes in several calls, each settled by itself: its
 *       future fails when one of them does, and the others may be stored.
 *   <li>Events of one thread go out in their order. After a failure they may overtake each other,
 *       unless there is one server and {@link ClientBuilder#maxInFlight} is 1.
 *   <li>Memory for events has a bound ({@link ClientBuilder#maxBufferedBytes}); what happens there
 *       is a choice ({@link ClientBuilder#whenFull}).
 * </ul>
 *
 * <p>It connects when there is something to send and reconnects by itself, with growing pauses; a
 * server may be away at any time, the start included. Its threads are daemons.
 *
 * <p>Futures complete on a thread of the client: what hangs on them must not block; there the
 * blocking calls are refused, and a send without room fails at once. Safe for many threads.
 *
 * @since 0.1
 */
public final class EventClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventClient.class);

  /** How long {@link #close()} takes at most. */
  public static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /** Begins the names of a client's threads. */
  public static final String THREAD_PREFIX = "millrace-client/";

  /** For closing sockets and ending threads, beyond the limit for events. */
  private static final Duration DISCONNECT_GRACE = Duration.ofSeconds(2);

  private final ClientOptions options;
  private final Outbox outbox;
  private final Servers servers;
  private final Sender sender;

  private EventClient(ClientOptions options, Dialer.Factory dialers, ClientListener listener) {
    this.options = options;
    SplittableRandom random = new SplittableRandom();
    this.outbox = new Outbox(options);
    this.servers =
        new Servers(
            options.servers().stream()
                .map(
                    address ->
                        new Server(
                            address, dialers, options.maxInFlight(), options.backoff(), random))
                .toList(),
            options.routing(),
            random);
    this.sender = new Sender(options, outbox, servers, listener);
    threads(options, "sender").newThread(sender).start();
  }

  /** Says how a client is to be. */
  public static ClientBuilder builder() {
    return new ClientBuilder();
  }

  /**
   * A client as Flume's client properties describe it; see {@link FlumeProperties}. What has no
   * effect is logged.
   *
   * @throws io.millrace.api.ConfigurationException that names everything that cannot be
   */
  public static EventClient of(Properties properties) {
    FlumeProperties.Result result = FlumeProperties.read(properties);
    result.warnings().forEach(warning -> log.warn("Client properties: {}", warning));
    return result.builder().build();
  }

  static EventClient open(ClientOptions options, ClientListener listener) {
    Map<ServerAddress, ClientSettings> settings = new HashMap<>();
    options.servers().forEach(address -> settings.put(address, settings(options, address)));
    ThreadFactory io = threads(options, "io");
    return open(options, address -> dialer(options, settings.get(address), io), listener);
  }

  private static Dialer dialer(ClientOptions options, ClientSettings settings, ThreadFactory io) {
    return options.thrift().isPresent()
        ? new ThriftDialer(options.thrift().get(), settings, io)
        : new AvroDialer(settings, io);
  }

  /** With connections of another kind than the options name. */
  static EventClient open(ClientOptions options, Dialer.Factory dialers, ClientListener listener) {
    return new EventClient(options, dialers, listener);
  }

  private static ClientSettings settings(ClientOptions options, ServerAddress address) {
    return ClientSettings.of(
        address.host(),
        address.port(),
        options.connectTimeout(),
        options.requestTimeout(),
        options.preserveOrder(),
        new Wrapping(
            options.compressionLevel(),
            options.tls().engines(address.host(), address.port(), TlsFallbacks.ofProcess())));
  }

  private static ThreadFactory threads(ClientOptions options, String role) {
    return task -> new ClientThread(task, THREAD_PREFIX + options.name() + "/" + role);
  }

  /** Whether the thread that asks is one of any client's; for those who must not wait for one. */
  public static boolean isClientThread() {
    return ClientThread.isCurrent();
  }

  /**
   * Sends an event and waits until a server has acknowledged it; it does not linger for company.
   *
   * @throws BufferFullException when the buffer had no room in time
   * @throws io.millrace.api.TransientException when it was not acknowledged in time; it may be
   *     stored all the same
   * @throws RejectedException when it can never be taken
   * @throws InterruptedException when interrupted while waiting; the event may still be sent
   */
  public void append(Event event) throws InterruptedException {
    append(event.asBatch());
  }

  /** As {@link #append(Event)}, until all events are acknowledged. */
  public void append(List<Event> events) throws InterruptedException {
    append(joined(events));
  }

  /** As {@link #append(Event)}, until all events are acknowledged. */
  public void append(EventBatch batch) throws InterruptedException {
    refuseClientThread();
    try {
      send(batch, true).get();
    } catch (ExecutionException e) {
      throw asThrown(e.getCause());
    }
  }

  /**
   * Sends an event; the future completes when a server has acknowledged it, and fails as {@link
   * #append(Event)} does. Blocks only for want of room, as {@link ClientBuilder#whenFull} says.
   */
  public CompletableFuture<Void> send(Event event) {
    return send(event.asBatch());
  }

  /** As {@link #send(Event)}; completes when all events are acknowledged. */
  public CompletableFuture<Void> send(List<Event> events) {
    return send(joined(events));
  }

  /** As {@link #send(Event)}; completes when all events are acknowledged. */
  public CompletableFuture<Void> send(EventBatch batch) {
    return send(batch, false);
  }

  /**
   * Sends events whose fate only the statistics and the listener will tell. Waits for room as a
   * send does.
   *
   * @return false when they were not taken, for want of room or because the client is closed
   */
  public boolean offer(EventBatch batch) {
    if (batch.isEmpty()) {
      return true;
    }
    try {
      outbox.accept(pieces(batch), false, false);
      return true;
    } catch (MillraceException e) {
      return false;
    }
  }

  /** Whether a send of this batch would find room now. */
  public boolean hasRoomFor(EventBatch batch) {
    return outbox.hasRoomFor(Parcel.bufferedBytes(batch));
  }

  private CompletableFuture<Void> send(EventBatch batch, boolean isUrgent) {
    if (batch.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    List<CompletableFuture<Void>> settled;
    try {
      settled = outbox.accept(pieces(batch), isUrgent, true);
    } catch (MillraceException e) {
      return CompletableFuture.failedFuture(e);
    }
    // Nobody but the sender completes the originals.
    return settled.size() == 1
        ? settled.get(0).copy()
        : CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new));
  }

  private List<EventBatch> pieces(EventBatch batch) {
    return Pieces.of(batch, options.batchEvents(), options.batchBytes().bytes());
  }

  private static EventBatch joined(List<Event> events) {
    return events.isEmpty()
        ? EventBatch.EMPTY
        : EventBatch.join(events.stream().map(Event::asBatch).toList());
  }

  /** Completes when everything accepted before is acknowledged or given up. */
  public CompletableFuture<Void> flushed() {
    return outbox.flushed();
  }

  /**
   * Sends what lingers and waits until everything accepted before is acknowledged or given up.
   *
   * @return false when that took longer than {@code limit}
   */
  public boolean flush(Duration limit) throws InterruptedException {
    refuseClientThread();
    try {
      outbox.flushed().get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw asThrown(e.getCause());
    }
  }

  /** What has happened so far. */
  public ClientStatistics statistics() {
    Outbox.Counts counts = outbox.counts();
    return new ClientStatistics(
        counts.accepted(),
        sender.sentEvents(),
        counts.acknowledged(),
        counts.failed(),
        sender.retriedEvents(),
        counts.dropped(),
        counts.buffered(),
        counts.bufferedBytes(),
        servers.statistics());
  }

  /** As {@link #close(Duration)} with {@link #CLOSE_LIMIT}. */
  @Override
  public void close() {
    close(CLOSE_LIMIT);
  }

  /**
   * Takes no more events, waits until those taken are settled, at most {@code limit}, fails those
   * that are not, and closes the connections. On a thread of the client it does not wait. To call
   * again is safe.
   *
   * @return whether every event that the client ever accepted was acknowledged
   */
  public boolean close(Duration limit) {
    outbox.close(System.nanoTime() + limit.toNanos());
    if (!ClientThread.isCurrent()) {
      try {
        sender.awaitTermination(limit.plus(DISCONNECT_GRACE));
      } catch (InterruptedException e) {
        // Whoever interrupts wants no waiting: give up what is left now.
        outbox.close(System.nanoTime());
        Thread.currentThread().interrupt();
      }
    }
    Outbox.Counts counts = outbox.counts();
    return counts.acknowledged() == counts.accepted();
  }

  private static void refuseClientThread() {
    if (ClientThread.isCurrent()) {
      throw new IllegalStateException(
          "A blocking call on a thread of the client would wait for itself; use send, or hand the"
              + " work to a thread of your own");
    }
  }

  private static RuntimeException asThrown(Throwable failure) {
    return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
  }
}
