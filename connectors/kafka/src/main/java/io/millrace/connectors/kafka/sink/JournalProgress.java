/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which events of one journal are in Kafka: ranges of sequences for each lane, as text in the
 * metadata of a group's offset.
 *
 * <pre>
 *   progress = "1" [ "!" ] [ "@" owner ] { ";" lane ":" first "-" end { "," first "-" end } }     end is not in it
 * </pre>
 *
 * <p>An exclamation mark: the journal is contested, nothing of it is left out any more. The owner
 * is who wrote it, one opening of a producer. Ranges below the floor of what the journal still
 * sends are dropped, so that one or two a lane are usual. Confined to the thread of the
 * transactions.
 */
final class JournalProgress {
  /** Kafka's own limit for a metadata is 4,096 by default. */
  static final int MAX_TEXT_CHARS = 4000;

  private static final Pattern HEAD = Pattern.compile("1(!)?(?:@([0-9a-f]+))?");

  private final TreeMap<Integer, TreeMap<Long, Long>> lanes = new TreeMap<>();
  private boolean isContested;
  private String owner = "";
  private long forgottenRanges;

  JournalProgress() {}

  JournalProgress(JournalProgress other) {
    other.lanes.forEach((lane, ranges) -> lanes.put(lane, new TreeMap<>(ranges)));
    isContested = other.isContested;
    owner = other.owner;
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException when it is nothing of the kind
   */
  static JournalProgress parse(String text) {
    JournalProgress progress = new JournalProgress();
    String[] lanes = text.split(";");
    Matcher head = HEAD.matcher(lanes[0]);
    if (!head.matches()) {
      throw new IllegalArgumentException(
          "progress '" + text + "' (expected: 1;LANE:FIRST-END,...)");
    }
    progress.isContested = head.group(1) != null;
    progress.owner = head.group(2) == null ? "" : head.group(2);
    for (int i = 1; i < lanes.length; i++) {
      int colon = lanes[i].indexOf(':');
      int lane = Integer.parseInt(lanes[i].substring(0, colon));
      for (String range : lanes[i].substring(colon + 1).split(",")) {
        int dash = range.indexOf('-');
        progress.add(
            lane,
            Long.parseLong(range.substring(0, dash)),
            Long.parseLong(range.substring(dash + 1)));
      }
    }
    return progress;
  }

  String text() {
    while (true) {
      StringBuilder text = new StringBuilder(isContested ? "1!" : "1");
      if (!owner.isEmpty()) {
        text.append('@').append(owner);
      }
      lanes.forEach(
          (lane, ranges) -> {
            List<String> items = new ArrayList<>();
            ranges.forEach((first, end) -> items.add(first + "-" + end));
            if (!items.isEmpty()) {
              text.append(';').append(lane).append(':').append(String.join(",", items));
            }
          });
      if (text.length() <= MAX_TEXT_CHARS || !forgetLowest()) {
        return text.toString();
      }
    }
  }

  /** Of the lane with the most ranges; a duplicate is possible then, a loss is not. */
  private boolean forgetLowest() {
    TreeMap<Long, Long> longest = null;
    for (TreeMap<Long, Long> ranges : lanes.values()) {
      if (longest == null || ranges.size() > longest.size()) {
        longest = ranges;
      }
    }
    if (longest == null || longest.isEmpty()) {
      return false;
    }
    longest.pollFirstEntry();
    forgottenRanges++;
    return true;
  }

  long forgottenRanges() {
    return forgottenRanges;
  }

  String owner() {
    return owner;
  }

  void ownedBy(String newOwner) {
    owner = newOwner;
  }

  boolean isContested() {
    return isContested;
  }

  boolean has(int lane, long sequence) {
    if (isContested) {
      return false;
    }
    Map.Entry<Long, Long> range = ranges(lane).floorEntry(sequence);
    return range != null && sequence < range.getValue();
  }

  /**
   * Whether events that nobody was sent before have sequences of others that were: the journal was
   * copied or set back. Contests it then.
   */
  boolean contests(Origin origin) {
    if (!origin.isFresh() || isContested) {
      return false;
    }
    Map.Entry<Long, Long> range = ranges(origin.lane()).lowerEntry(origin.end());
    if (range == null || range.getValue() <= origin.first()) {
      return false;
    }
    isContested = true;
    lanes.clear();
    return true;
  }

  /** Notes {@code [first, end)} as delivered. */
  void add(int lane, long first, long end) {
    TreeMap<Long, Long> ranges = ranges(lane);
    long from = first;
    long to = end;
    Map.Entry<Long, Long> before = ranges.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    for (Map.Entry<Long, Long> next = ranges.ceilingEntry(from);
        next != null && next.getKey() <= to;
        next = ranges.ceilingEntry(from)) {
      to = Math.max(to, next.getValue());
      ranges.remove(next.getKey());
    }
    ranges.put(from, to);
  }

  /** Drops what is never sent again. */
  void dropBelow(int lane, long floor) {
    TreeMap<Long, Long> ranges = ranges(lane);
    while (!ranges.isEmpty() && ranges.firstEntry().getValue() <= floor && ranges.size() > 1) {
      ranges.pollFirstEntry();
    }
  }

  private TreeMap<Long, Long> ranges(int lane) {
    return lanes.computeIfAbsent(lane, l -> new TreeMap<>());
  }
}
