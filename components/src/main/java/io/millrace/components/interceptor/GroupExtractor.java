/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.ComponentContext;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Interceptor;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.kit.log.LogText;
import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes headers of the groups of the first match. A group that took no part in it, or of which its
 * serializer can make nothing, sets no header. Safe for many threads.
 */
final class GroupExtractor implements Interceptor {
  private static final Logger log = LoggerFactory.getLogger(GroupExtractor.class);

  private final String name;
  private final BoundedPattern pattern;
  private final List<GroupHeader> headers;
  private final RunawayLog runaways;
  private final Counter unreadable;
  private final LogLimit unreadableLog = new LogLimit(Duration.ofSeconds(10));

  /**
   * @param headers of group 1, 2 and so on
   */
  GroupExtractor(ComponentContext context, BoundedPattern pattern, List<GroupHeader> headers) {
    this.name = context.name();
    this.pattern = pattern;
    this.headers = List.copyOf(headers);
    this.runaways = new RunawayLog(context, "The event gets no headers of it");
    this.unreadable = context.metrics().counter("UnreadableGroupCount");
  }

  @Override
  public EventBatch intercept(EventBatch batch) {
    return ChangedEvents.of(batch, this::extract);
  }

  private boolean extract(EventView event, EventBatch.Builder changed) {
    Optional<MatchResult> match;
    try {
      match = pattern.find(event.bodyText());
    } catch (RunawayPatternException e) {
      runaways.add(e);
      return false;
    }
    Map<String, String> values = new LinkedHashMap<>();
    match.ifPresent(found -> read(found, values));
    if (values.isEmpty()) {
      return false;
    }
    if (values.size() == 1) {
      values.forEach((header, value) -> changed.add(event, header, value));
    } else {
      Map<String, String> all = event.headers();
      all.putAll(values);
      changed.add(EncodedHeaders.of(all), event.body());
    }
    return true;
  }

  private void read(MatchResult match, Map<String, String> values) {
    for (int i = 0; i < headers.size(); i++) {
      GroupHeader header = headers.get(i);
      String matched = match.group(i + 1);
      if (matched != null) {
        Optional<String> value = header.value().of(matched);
        value.ifPresentOrElse(
            text -> values.put(header.name(), text), () -> notReadable(header, matched));
      }
    }
  }

  private void notReadable(GroupHeader header, String matched) {
    unreadable.increment();
    if (unreadableLog.allows()) {
      log.warn(
          "Interceptor {}: nothing can be made of '{}' for the header {}; the event goes on without"
              + " it, {} so far",
          name,
          LogText.of(matched),
          header.name(),
          unreadable.value());
    }
  }
}
