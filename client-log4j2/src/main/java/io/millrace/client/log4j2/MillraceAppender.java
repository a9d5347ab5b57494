/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.log4j2;

import io.millrace.api.DataSize;
import io.millrace.api.MillraceException;
import io.millrace.client.ClientStatistics;
import io.millrace.client.logging.LogHeaders;
import io.millrace.client.logging.LogShipper;
import java.io.Serializable;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.Core;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.StringLayout;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.appender.AppenderLoggingException;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.config.plugins.PluginBuilderAttribute;
import org.apache.logging.log4j.core.config.plugins.PluginBuilderFactory;
import org.apache.logging.log4j.core.layout.PatternLayout;

/**
 * Sends log events to avro sources of Millrace or Flume, as {@code <Millrace>} of a Log4j 2
 * configuration describes it; see docs/clients.md. It never holds a thread up beyond {@code
 * blockMillis}; what finds no room is dropped, counted, and said on Log4j's status logger. With
 * {@code ignoreExceptions="false"} a dropped event is an exception, for a Failover appender around
 * it. Safe for many threads.
 *
 * @since 0.1
 */
@Plugin(
    name = "Millrace",
    category = Core.CATEGORY_NAME,
    elementType = Appender.ELEMENT_TYPE,
    printObject = true)
public final class MillraceAppender extends AbstractAppender {
  /** Begins the names of those properties that are headers of every event. */
  private static final String HEADER_PREFIX = "header.";

  private final LogShipper shipper;
  private final LogHeaders headers;
  private final List<String> contextKeys;

  private MillraceAppender(
      Builder builder, Layout<? extends Serializable> layout, LogShipper shipper) {
    super(
        builder.getName(),
        builder.getFilter(),
        layout,
        builder.isIgnoreExceptions(),
        Property.EMPTY_ARRAY);
    this.shipper = shipper;
    this.headers = new LogHeaders(charset(layout), builder.headers());
    this.contextKeys =
        List.of(builder.contextKeys.trim().split("[\\s,]+")).stream()
            .filter(key -> !key.isEmpty())
            .toList();
  }

  private static Charset charset(Layout<?> layout) {
    return layout instanceof StringLayout text && text.getCharset() != null
        ? text.getCharset()
        : StandardCharsets.UTF_8;
  }

  @PluginBuilderFactory
  public static Builder newBuilder() {
    return new Builder();
  }

  @Override
  public void append(LogEvent event) {
    String logger = event.getLoggerName() == null ? "" : event.getLoggerName();
    String thread = event.getThreadName() == null ? "" : event.getThreadName();
    if (LogShipper.isOwn(logger, thread)) {
      return;
    }
    Map<String, String> all = headers.of(logger, number(event.getLevel()), event.getTimeMillis());
    for (String key : contextKeys) {
      String value = event.getContextData().getValue(key);
      if (value != null) {
        all.put(key, value);
      }
    }
    if (!shipper.ship(all, getLayout().toByteArray(event)) && !ignoreExceptions()) {
      throw new AppenderLoggingException(
          "Appender " + getName() + ": an event was dropped, for the buffer has no room");
    }
  }

  /** Log4j 1.x's number of a level; one of your own counts as the standard one above it. */
  private static int number(Level level) {
    return switch (level.getStandardLevel()) {
      case OFF -> Integer.MAX_VALUE;
      case FATAL -> 50000;
      case ERROR -> 40000;
      case WARN -> 30000;
      case INFO -> 20000;
      case DEBUG -> 10000;
      case TRACE -> 5000;
      case ALL -> Integer.MIN_VALUE;
    };
  }

  /** What has been sent so far. */
  public ClientStatistics statistics() {
    return shipper.statistics();
  }

  /** Events that found no room. */
  public long dropped() {
    return shipper.dropped();
  }

  @Override
  public boolean stop(long timeout, TimeUnit timeUnit) {
    setStopping();
    boolean isStopped = super.stop(timeout, timeUnit, false);
    shipper.stop();
    setStopped();
    return isStopped;
  }

  /**
   * What the configuration says. Confined to the thread that configures.
   *
   * @since 0.1
   */
  public static final class Builder extends AbstractAppender.Builder<Builder>
      implements org.apache.logging.log4j.core.util.Builder<MillraceAppender> {
    @PluginBuilderAttribute private String hosts = "";
    @PluginBuilderAttribute private String selector = "failover";

    @PluginBuilderAttribute private long bufferBytes = LogShipper.Settings.DEFAULT_BUFFERED_BYTES;

    @PluginBuilderAttribute private long blockMillis = LogShipper.Settings.DEFAULT_WAIT_MILLIS;
    @PluginBuilderAttribute private long stopMillis = LogShipper.Settings.DEFAULT_STOP_MILLIS;
    @PluginBuilderAttribute private String contextKeys = "";

    /** {@code host:port} of each server, separated by blanks, in order of preference. */
    public Builder setHosts(String value) {
      hosts = value;
      return this;
    }

    /** {@code failover}, {@code round_robin} or {@code random}. */
    public Builder setSelector(String value) {
      selector = value;
      return this;
    }

    /** Bound of the memory for events that are not acknowledged; 8 MiB when not set. */
    public Builder setBufferBytes(long value) {
      bufferBytes = value;
      return this;
    }

    /** Longest time that an event may hold up its thread; 20 ms when not set. */
    public Builder setBlockMillis(long value) {
      blockMillis = value;
      return this;
    }

    /** Longest time for a stop to send what is left; 2000 ms when not set. */
    public Builder setStopMillis(long value) {
      stopMillis = value;
      return this;
    }

    /** Keys of the thread context that become headers, separated by blanks or commas. */
    public Builder setContextKeys(String value) {
      contextKeys = value;
      return this;
    }

    private Map<String, String> headers() {
      Map<String, String> headers = new LinkedHashMap<>();
      for (Property property : properties()) {
        if (property.getName().startsWith(HEADER_PREFIX)) {
          headers.put(property.getName().substring(HEADER_PREFIX.length()), property.getValue());
        }
      }
      return headers;
    }

    private Map<String, String> clientProperties() {
      Map<String, String> others = new LinkedHashMap<>();
      for (Property property : properties()) {
        if (!property.getName().startsWith(HEADER_PREFIX)) {
          others.put(property.getName(), property.getValue());
        }
      }
      return others;
    }

    private Property[] properties() {
      return getPropertyArray() == null ? Property.EMPTY_ARRAY : getPropertyArray();
    }

    @Override
    public MillraceAppender build() {
      if (getName() == null || getName().isBlank()) {
        LOGGER.error("A Millrace appender has no name and was not made");
        return null;
      }
      LogShipper shipper;
      try {
        shipper =
            LogShipper.open(
                new LogShipper.Settings(
                    getName(),
                    hosts,
                    selector,
                    DataSize.ofBytes(bufferBytes),
                    Duration.ofMillis(blockMillis),
                    Duration.ofMillis(stopMillis),
                    clientProperties()),
                LOGGER::warn);
      } catch (MillraceException | IllegalArgumentException e) {
        LOGGER.error("Appender {} was not made: {}", getName(), e.getMessage());
        return null;
      }
      // Without a layout Flume's appender sends the message alone; with the stack trace, ours.
      Layout<? extends Serializable> layout =
          getLayout() != null
              ? getLayout()
              : PatternLayout.newBuilder()
                  .withPattern("%m")
                  .withCharset(StandardCharsets.UTF_8)
                  .build();
      return new MillraceAppender(this, layout, shipper);
    }
  }
}
