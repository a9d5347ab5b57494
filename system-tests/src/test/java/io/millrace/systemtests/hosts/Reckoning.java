/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each client was told of its events beside what the store has. The events of a client are a
 * stream of numbered lines. Each belongs to the step of the test in which it was made, so that what
 * is lost or comes twice is put down to a fault. Guarded by {@code this}.
 */
final class Reckoning {
  private static final String PADDING = " .......................................";
  private static final int MAX_EXAMPLES = 20;

  private final Map<String, Stream> streams = new TreeMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<String> invented = new ArrayList<>();

  /** Where the streams stand: the number of the last event that each has sent. */
  record Marks(Map<String, Integer> sent) {}

  /** Events of one step: what was acknowledged, and what became of it. */
  record Sum(int acknowledged, int unanswered, int lost, int duplicates) {
    static final Sum NONE = new Sum(0, 0, 0, 0);

    Sum plus(Sum other) {
      return new Sum(
          acknowledged + other.acknowledged,
          unanswered + other.unanswered,
          lost + other.lost,
          duplicates + other.duplicates);
    }
  }

  private record Step(String name, Marks from) {}

  private static final class Stream {
    private final BitSet acknowledged = new BitSet();
    private final BitSet stored = new BitSet();
    private byte[] copies = new byte[1 << 12];
    private int sent;

    /** The last event that is both acknowledged and stored. */
    private int lastThrough;

    private long lastThroughNanos = System.nanoTime();
    private long longestPauseNanos;

    void store(int number) {
      stored.set(number);
      if (number >= copies.length) {
        copies = Arrays.copyOf(copies, number * 2);
      }
      copies[number]++;
      lookAt(number);
    }

    void acknowledge(int number) {
      acknowledged.set(number);
      lookAt(number);
    }

    private void lookAt(int number) {
      if (number > lastThrough && acknowledged.get(number) && stored.get(number)) {
        lastThrough = number;
        endPause();
      }
    }

    void endPause() {
      long now = System.nanoTime();
      longestPauseNanos = Math.max(longestPauseNanos, now - lastThroughNanos);
      lastThroughNanos = now;
    }

    BitSet owed() {
      BitSet owed = (BitSet) acknowledged.clone();
      owed.andNot(stored);
      return owed;
    }

    Sum sum(int from, int to) {
      BitSet owed = owed();
      int acks = acknowledged.get(from, to).cardinality();
      int duplicates = 0;
      for (int number = from; number < Math.min(to, copies.length); number++) {
        duplicates += Math.max(0, copies[number] - 1);
      }
      return new Sum(acks, to - from - acks, owed.get(from, to).cardinality(), duplicates);
    }
  }

  static String line(String stream, int number) {
    return stream + " " + number + PADDING;
  }

  synchronized void open(String stream) {
    streams.put(stream, new Stream());
  }

  /** So many more are about to be sent; the number of the first. Numbers begin with 1. */
  synchronized int send(String stream, int count) {
    Stream one = streams.get(stream);
    int first = one.sent + 1;
    one.sent += count;
    return first;
  }

  synchronized void acknowledged(String stream, int number) {
    streams.get(stream).acknowledge(number);
  }

  synchronized void stored(String line) {
    String[] words = line.split(" ", 3);
    Stream stream = streams.get(words[0]);
    int number = stream == null || words.length < 3 ? 0 : number(words[1]);
    if (number > 0 && number <= stream.sent && line.equals(line(words[0], number))) {
      stream.store(number);
    } else if (invented.size() < MAX_EXAMPLES) {
      invented.add(line);
    }
  }

  private static int number(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** What is sent from now on belongs to this step. */
  synchronized void beginStep(String name) {
    steps.add(new Step(name, marks()));
    for (Stream stream : streams.values()) {
      stream.endPause();
      stream.longestPauseNanos = 0;
    }
  }

  /** The longest time in this step in which nothing of some client got through. */
  synchronized Duration longestPause() {
    streams.values().forEach(Stream::endPause);
    return Duration.ofNanos(
        streams.values().stream().mapToLong(stream -> stream.longestPauseNanos).max().orElse(0));
  }

  synchronized Marks marks() {
    Map<String, Integer> sent = new TreeMap<>();
    streams.forEach((name, stream) -> sent.put(name, stream.sent));
    return new Marks(sent);
  }

  /** Streams of which nothing that was sent since has been acknowledged and stored. */
  synchronized List<String> heldUpSince(Marks marks, int atLeast) {
    return streams.keySet().stream()
        .filter(name -> streams.get(name).lastThrough < marks.sent().get(name) + atLeast)
        .toList();
  }

  /** How many events up to there are acknowledged and not stored. */
  synchronized int owed(Marks marks) {
    int owed = 0;
    for (Map.Entry<String, Stream> stream : streams.entrySet()) {
      int to = marks.sent().get(stream.getKey()) + 1;
      owed += stream.getValue().owed().get(0, to).cardinality();
    }
    return owed;
  }

  /** Takes back all that is stored, to have it read anew. */
  synchronized void forgetStored() {
    for (Stream stream : streams.values()) {
      stream.stored.clear();
      Arrays.fill(stream.copies, (byte) 0);
    }
    invented.clear();
  }

  /** Lines in the store that nobody sent. */
  synchronized List<String> invented() {
    return List.copyOf(invented);
  }

  /** What each step came to so far. */
  synchronized Map<String, Sum> sums() {
    Map<String, Sum> sums = new LinkedHashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      Marks from = steps.get(i).from();
      Marks to = i + 1 < steps.size() ? steps.get(i + 1).from() : marks();
      Sum sum = Sum.NONE;
      for (Map.Entry<String, Stream> stream : streams.entrySet()) {
        int first = from.sent().get(stream.getKey()) + 1;
        int end = to.sent().get(stream.getKey()) + 1;
        sum = sum.plus(stream.getValue().sum(first, end));
      }
      sums.put(steps.get(i).name(), sum);
    }
    return sums;
  }

  /** The first few events that are acknowledged and not stored. */
  synchronized List<String> examplesOfOwed() {
    List<String> examples = new ArrayList<>();
    streams.forEach(
        (name, stream) ->
            stream.owed().stream()
                .limit(MAX_EXAMPLES - examples.size())
                .forEach(number -> examples.add(name + " " + number)));
    return examples;
  }
}
