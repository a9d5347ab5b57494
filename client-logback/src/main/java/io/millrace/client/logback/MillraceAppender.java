/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import io.millrace.api.DataSize;
import io.millrace.api.MillraceException;
import io.millrace.client.ClientStatistics;
import io.millrace.client.logging.LogHeaders;
import io.millrace.client.logging.LogShipper;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends log events to avro sources of Millrace or Flume; see docs/clients.md. It never holds a
 * thread up beyond {@code blockMillis}; what finds no room is dropped, counted, and said among
 * Logback's statuses. Set up by Logback through its setters, then started; from then on safe for
 * many threads.
 *
 * @since 0.1
 */
public final class MillraceAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final Map<String, String> constantHeaders = new LinkedHashMap<>();
  private final Map<String, String> options = new LinkedHashMap<>();
  private String hosts = "";
  private String selector = "failover";
  private long bufferBytes = LogShipper.Settings.DEFAULT_BUFFERED_BYTES;
  private long blockMillis = LogShipper.Settings.DEFAULT_WAIT_MILLIS;
  private long stopMillis = LogShipper.Settings.DEFAULT_STOP_MILLIS;
  private List<String> contextKeys = List.of();
  private Encoder<ILoggingEvent> encoder;
  private Layout<ILoggingEvent> layout;
  private LogHeaders headers;
  private volatile LogShipper shipper;

  /** {@code host:port} of each server, separated by blanks, in order of preference. */
  public void setHosts(String hosts) {
    this.hosts = hosts;
  }

  /** {@code failover}, {@code round_robin} or {@code random}. */
  public void setSelector(String selector) {
    this.selector = selector;
  }

  /** Bound of the memory for events that are not acknowledged; 8 MiB when not set. */
  public void setBufferBytes(long bufferBytes) {
    this.bufferBytes = bufferBytes;
  }

  /** Longest time that an event may hold up its thread; 20 ms when not set. */
  public void setBlockMillis(long blockMillis) {
    this.blockMillis = blockMillis;
  }

  /** Longest time for a stop to send what is left; 2000 ms when not set. */
  public void setStopMillis(long stopMillis) {
    this.stopMillis = stopMillis;
  }

  /** Keys of the MDC that become headers, separated by blanks or commas. */
  public void setContextKeys(String keys) {
    this.contextKeys =
        List.of(keys.trim().split("[\\s,]+")).stream().filter(key -> !key.isEmpty()).toList();
  }

  /** A header that every event has. */
  public void addHeader(NamedValue header) {
    constantHeaders.put(header.getName(), header.getValue());
  }

  /** A further option of the client, under the name that Flume's client properties have for it. */
  public void addOption(NamedValue option) {
    options.put(option.getName(), option.getValue());
  }

  /** Makes the body. Without encoder and layout: the message, and the stack trace if any. */
  public void setEncoder(Encoder<ILoggingEvent> encoder) {
    this.encoder = encoder;
  }

  /** Makes the body, in UTF-8, where there is no encoder. */
  public void setLayout(Layout<ILoggingEvent> layout) {
    this.layout = layout;
  }

  @Override
  public void start() {
    if (isStarted()) {
      return;
    }
    try {
      shipper =
          LogShipper.open(
              new LogShipper.Settings(
                  String.valueOf(getName()),
                  hosts,
                  selector,
                  DataSize.ofBytes(bufferBytes),
                  Duration.ofMillis(blockMillis),
                  Duration.ofMillis(stopMillis),
                  options),
              this::addWarn);
    } catch (MillraceException | IllegalArgumentException e) {
      addError("Appender " + getName() + " was not started: " + e.getMessage());
      return;
    }
    headers = new LogHeaders(charset(), constantHeaders);
    super.start();
  }

  private Charset charset() {
    return encoder instanceof LayoutWrappingEncoder<?> text && text.getCharset() != null
        ? text.getCharset()
        : StandardCharsets.UTF_8;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (LogShipper.isOwn(event.getLoggerName(), event.getThreadName())) {
      return;
    }
    Map<String, String> all =
        headers.of(event.getLoggerName(), event.getLevel().toInt(), event.getTimeStamp());
    for (String key : contextKeys) {
      String value = event.getMDCPropertyMap().get(key);
      if (value != null) {
        all.put(key, value);
      }
    }
    shipper.ship(all, body(event));
  }

  private byte[] body(ILoggingEvent event) {
    if (encoder != null) {
      return encoder.encode(event);
    }
    if (layout != null) {
      return layout.doLayout(event).getBytes(StandardCharsets.UTF_8);
    }
    String message = String.valueOf(event.getFormattedMessage());
    String text =
        event.getThrowableProxy() == null
            ? message
            : message + "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What has been sent so far; only once started. */
  public ClientStatistics statistics() {
    return shipper.statistics();
  }

  /** Events that found no room. */
  public long dropped() {
    return shipper == null ? 0 : shipper.dropped();
  }

  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    shipper.stop();
  }
}
