/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.logging;

import io.millrace.api.DataSize;
import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.client.ClientBuilder;
import io.millrace.client.ClientListener;
import io.millrace.client.ClientStatistics;
import io.millrace.client.Event;
import io.millrace.client.EventClient;
import io.millrace.client.FlumeProperties;
import io.millrace.client.ServerAddress;
import io.millrace.client.WhenFull;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Takes log events from the threads of an application and sends them, without ever holding a thread
 * up beyond the bound: without room in the buffer the first event waits that long, the others not
 * at all until there is room again; what finds none is dropped, counted and said. Safe for many
 * threads.
 */
public final class LogShipper {
  /** No single event may take more than this part of the buffer. */
  private static final int MIN_BUFFERED_EVENTS = 8;

  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);
  private static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration LINGER = Duration.ofMillis(50);

  /** Where the appender says what went wrong: its framework's own status log. */
  @FunctionalInterface
  public interface StatusLog {
    void warn(String message);
  }

  /**
   * How log events are sent. Immutable.
   *
   * @param hosts {@code host:port} separated by blanks or commas, in order of preference
   * @param selector {@code failover}, {@code round_robin} or {@code random}
   * @param maxBuffered bound of the memory for events that are not acknowledged
   * @param longestWait longest time that an event may hold up its thread
   * @param stopLimit longest time for a stop to send what is left
   * @param properties further options of the client, under the names of Flume's client properties
   */
  public record Settings(
      String name,
      String hosts,
      String selector,
      DataSize maxBuffered,
      Duration longestWait,
      Duration stopLimit,
      Map<String, String> properties) {
    public static final long DEFAULT_BUFFERED_BYTES = 8 << 20;
    public static final long DEFAULT_WAIT_MILLIS = 20;
    public static final long DEFAULT_STOP_MILLIS = 2000;

    public Settings {
      properties = Map.copyOf(properties);
    }
  }

  private final Settings settings;
  private final StatusLog status;
  private final EventClient client;
  private final LogLimit dropLimit = new LogLimit(REPORT_INTERVAL);
  private final LogLimit sizeLimit = new LogLimit(REPORT_INTERVAL);
  private final LogLimit serverLimit = new LogLimit(REPORT_INTERVAL);

  /** Whether an event has waited in vain, and there has been little room since. */
  private final AtomicBoolean isOverflowing = new AtomicBoolean();

  /** Events dropped without asking the client. */
  private final LongAdder unofferedDrops = new LongAdder();

  private LogShipper(Settings settings, StatusLog status) {
    this.settings = settings;
    this.status = status;
    this.client =
        builder(settings, status)
            .name("appender/" + settings.name())
            .maxBufferedBytes(settings.maxBuffered())
            .whenFull(new WhenFull(settings.longestWait()))
            .listener(new Listener())
            .build();
  }

  /**
   * Makes the shipper; a server may be away.
   *
   * @throws io.millrace.api.MillraceException that says what of the settings cannot be
   * @throws IllegalArgumentException likewise
   */
  public static LogShipper open(Settings settings, StatusLog status) {
    return new LogShipper(settings, status);
  }

  private static ClientBuilder builder(Settings settings, StatusLog status) {
    Map<String, String> properties = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (String host : settings.hosts().trim().split("[\\s,]+")) {
      if (!host.isEmpty()) {
        names.add("h" + names.size());
        properties.put("hosts." + names.get(names.size() - 1), host);
      }
    }
    properties.put("hosts", String.join(" ", names));
    boolean isFailover = settings.selector().equalsIgnoreCase("failover");
    if (isFailover || names.size() < 2) {
      properties.put("client.type", "default_failover");
    } else {
      properties.put("client.type", "default_loadbalance");
      properties.put("host-selector", settings.selector());
    }
    properties.putAll(settings.properties());
    FlumeProperties.Result result = FlumeProperties.read(properties);
    result.warnings().forEach(status::warn);
    ClientBuilder builder = result.builder();
    // An appender has nobody to tell of a failure: events are tried for as long as they are kept.
    if (!settings.properties().containsKey("max-attempts")) {
      builder.maxAttempts(Integer.MAX_VALUE);
    }
    if (!settings.properties().containsKey("delivery-timeout")) {
      builder.deliveryTimeout(DELIVERY_TIMEOUT);
    }
    if (!settings.properties().containsKey("linger")) {
      builder.linger(LINGER);
    }
    return builder;
  }

  /**
   * Whether an event of this logger, logged on this thread, tells of sending and must not be sent:
   * it would bring forth another.
   *
   * @param thread name of the thread that logged, which need not be the one that asks
   */
  public static boolean isOwn(String logger, String thread) {
    return EventClient.isClientThread()
        || thread.startsWith(EventClient.THREAD_PREFIX)
        || logger.startsWith("io.millrace.client.")
        || logger.startsWith("io.millrace.rpc.");
  }

  /**
   * Sends an event.
   *
   * @return false when it was dropped
   */
  public boolean ship(Map<String, String> headers, byte[] body) {
    EventBatch event = Event.of(headers, body).asBatch();
    if (event.encodedBytes() > settings.maxBuffered().bytes() / MIN_BUFFERED_EVENTS) {
      tooLarge(event.encodedBytes());
      return false;
    }
    boolean hasRoom = client.hasRoomFor(event);
    if (!hasRoom && isOverflowing.get()) {
      dropped(false);
      return false;
    }
    if (client.offer(event)) {
      if (isOverflowing.get() && hasRoomAgain()) {
        isOverflowing.set(false);
      }
      return true;
    }
    isOverflowing.set(true);
    dropped(true);
    return false;
  }

  /** An eighth of the bound: a small event that still fits must not make the next one wait. */
  private boolean hasRoomAgain() {
    long maxBytes = settings.maxBuffered().bytes();
    return client.statistics().bufferedBytes() <= maxBytes - maxBytes / 8;
  }

  private void tooLarge(int bytes) {
    unofferedDrops.increment();
    if (sizeLimit.allows()) {
      status.warn(
          "Appender "
              + settings.name()
              + ": an event of "
              + bytes
              + " bytes was dropped (expected: at most a "
              + MIN_BUFFERED_EVENTS
              + "th of the buffer of "
              + settings.maxBuffered()
              + "; "
              + sizeLimit.takeLeftOut()
              + " more such lines were left out)");
    }
  }

  private void dropped(boolean isCountedByClient) {
    if (!isCountedByClient) {
      unofferedDrops.increment();
    }
    if (dropLimit.allows()) {
      dropLimit.takeLeftOut();
      ClientStatistics now = client.statistics();
      status.warn(
          "Appender "
              + settings.name()
              + ": the buffer of "
              + settings.maxBuffered()
              + " is full, for no server acknowledges events fast enough; "
              + dropped()
              + " events so far were dropped, "
              + now.failed()
              + " given up, "
              + now.acknowledged()
              + " acknowledged");
    }
  }

  /** Events that found no room. */
  public long dropped() {
    return unofferedDrops.sum() + client.statistics().dropped();
  }

  /** What the client has done; events that never reached it are in {@link #dropped} only. */
  public ClientStatistics statistics() {
    return client.statistics();
  }

  /** Sends what is left, within the bound, and says what had to be given up. */
  public void stop() {
    if (!client.close(settings.stopLimit())) {
      long failed = client.statistics().failed();
      status.warn(
          "Appender "
              + settings.name()
              + " stopped; "
              + failed
              + " events were accepted and never acknowledged, "
              + dropped()
              + " were dropped");
    }
  }

  private final class Listener implements ClientListener {
    @Override
    public void serverFailed(ServerAddress server, Throwable reason) {
      if (serverLimit.allows()) {
        status.warn(
            "Appender "
                + settings.name()
                + ": server "
                + server
                + " is left out for a time: "
                + LogText.of(reason.getMessage())
                + " ("
                + serverLimit.takeLeftOut()
                + " more such lines were left out)");
      }
    }

    @Override
    public void failed(int events, Throwable reason) {
      if (dropLimit.allows()) {
        dropLimit.takeLeftOut();
        status.warn(
            "Appender "
                + settings.name()
                + ": "
                + client.statistics().failed()
                + " events so far were given up: "
                + LogText.of(reason.getMessage()));
      }
    }
  }
}
