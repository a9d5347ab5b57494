/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Interceptor;
import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes headers off events. Safe for many threads. */
final class HeaderRemover implements Interceptor {
  private final List<String> names;
  private final Optional<BoundedPattern> matching;
  private final RunawayLog runaways;

  HeaderRemover(Set<String> names, Optional<BoundedPattern> matching, RunawayLog runaways) {
    this.names = List.copyOf(names);
    this.matching = matching;
    this.runaways = runaways;
  }

  @Override
  public EventBatch intercept(EventBatch batch) {
    return ChangedEvents.of(
        batch,
        (event, changed) -> {
          if (matching.isEmpty() && names.stream().allMatch(name -> event.header(name) == null)) {
            return false;
          }
          Map<String, String> headers = event.headers();
          if (!headers.keySet().removeIf(this::isRemoved)) {
            return false;
          }
          changed.add(EncodedHeaders.of(headers), event.body());
          return true;
        });
  }

  private boolean isRemoved(String header) {
    if (names.contains(header)) {
      return true;
    }
    try {
      return matching.isPresent() && matching.get().matches(header);
    } catch (RunawayPatternException e) {
      runaways.add(e);
      return false;
    }
  }
}
