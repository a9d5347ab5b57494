/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.LogLimit;
import io.millrace.components.syslog.KeptFields.Field;
import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;
import java.text.ParsePosition;
import java.text.SimpleDateFormat;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.regex.MatchResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A form of messages that the configuration describes by a regular expression, tried before the
 * others: groups 1 to 5 are priority, version, timestamp, host and body. An expression that runs
 * away on a message does not match it. Confined to one thread.
 */
final class CustomFormat {
  private static final Logger LOG = LoggerFactory.getLogger(CustomFormat.class);
  private static final int GROUPS = 5;

  /** A message in this form; a field that is not there is empty. */
  record Message(
      Optional<Integer> priority,
      String version,
      String timestamp,
      Optional<Long> timestampMillis,
      String host,
      String rest) {

    EncodedHeaders headers(SyslogDialect dialect) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Facility", Integer.toString(priority.orElse(0) / 8));
      headers.put("Severity", Integer.toString(priority.orElse(0) % 8));
      priority.ifPresent(p -> headers.put(dialect.priorityHeader(), Integer.toString(p)));
      if (!version.isEmpty()) {
        headers.put(dialect.versionHeader(), version);
      }
      timestampMillis.ifPresent(millis -> headers.put("timestamp", Long.toString(millis)));
      if (!host.isEmpty()) {
        headers.put("host", host);
      }
      return EncodedHeaders.of(headers);
    }

    String body(KeptFields kept) {
      StringBuilder body = new StringBuilder();
      if (kept.has(Field.PRIORITY)) {
        priority.ifPresent(p -> body.append('<').append(p).append('>'));
      }
      keep(kept, Field.VERSION, version, body);
      keep(kept, Field.TIMESTAMP, timestamp, body);
      keep(kept, Field.HOSTNAME, host, body);
      return body.append(rest).toString();
    }

    private static void keep(KeptFields kept, Field field, String text, StringBuilder body) {
      if (kept.has(field) && !text.isEmpty()) {
        body.append(text).append(' ');
      }
    }
  }

  private final BoundedPattern pattern;
  private final Optional<BoundedPattern> search;
  private final String replace;
  private final SimpleDateFormat dateFormat;
  private final LogLimit runawayLog = new LogLimit(Duration.ofSeconds(10));

  CustomFormat(
      BoundedPattern pattern,
      Optional<BoundedPattern> search,
      String replace,
      SimpleDateFormat dateFormat,
      ZoneId zone) {
    this.pattern = pattern;
    this.search = search;
    this.replace = replace;
    this.dateFormat = dateFormat;
    this.dateFormat.setTimeZone(TimeZone.getTimeZone(zone));
  }

  /** Refuses what could only fail. */
  static void check(BoundedPattern pattern) {
    if (pattern.groupCount() < GROUPS) {
      throw new ConfigurationException(
          "format.regex",
          "format.regex has "
              + pattern.groupCount()
              + " groups (expected: 5, for priority, version, timestamp, host and body)");
    }
  }

  Optional<Message> read(String text) {
    try {
      Optional<MatchResult> match = pattern.find(text);
      if (match.isEmpty() || match.get().start() > 0) {
        return Optional.empty();
      }
      MatchResult groups = match.get();
      String timestamp = group(groups, 3);
      return Optional.of(
          new Message(
              priority(group(groups, 1)),
              group(groups, 2),
              timestamp,
              millis(timestamp),
              group(groups, 4),
              group(groups, 5)));
    } catch (RunawayPatternException e) {
      if (runawayLog.allows()) {
        LOG.warn(
            "format.regex or format.search: {}. The message is read as if it did not match. ({} such"
                + " lines left out)",
            e.getMessage(),
            runawayLog.takeLeftOut());
      }
      return Optional.empty();
    }
  }

  private static String group(MatchResult groups, int group) {
    String text = groups.group(group);
    return text == null ? "" : text;
  }

  private static Optional<Integer> priority(String text) {
    boolean isNumber =
        !text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? Optional.of(Integer.valueOf(text)) : Optional.empty();
  }

  private Optional<Long> millis(String timestamp) throws RunawayPatternException {
    if (timestamp.isEmpty()) {
      return Optional.empty();
    }
    String text = search.isPresent() ? search.get().replaceAll(timestamp, replace) : timestamp;
    Date date = dateFormat.parse(text, new ParsePosition(0));
    return Optional.ofNullable(date).map(Date::getTime);
  }
}
