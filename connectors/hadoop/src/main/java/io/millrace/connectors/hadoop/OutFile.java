/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * A file of the sink's from its creation until it has its final name. Confined to the turn that has
 * it; one at a time.
 */
final class OutFile {
  private final String directory;
  private final String bucketDirectory;
  private final String prefix;
  private final Path inUse;
  private final Path whole;
  private final EventFile events;
  private final int wantedReplicas;

  /** Events written that are not released yet. */
  private List<Part> unsettled = new ArrayList<>();

  private long eventCount;
  private long bodyBytes;
  private boolean isReleased;

  OutFile(
      String directory,
      String bucketDirectory,
      String prefix,
      Path inUse,
      Path whole,
      EventFile events,
      int wantedReplicas) {
    this.directory = directory;
    this.bucketDirectory = bucketDirectory;
    this.prefix = prefix;
    this.inUse = inUse;
    this.whole = whole;
    this.events = events;
    this.wantedReplicas = wantedReplicas;
  }

  String directory() {
    return directory;
  }

  /** As the bucket calls it; {@link #directory} is where the file is. */
  String bucketDirectory() {
    return bucketDirectory;
  }

  String prefix() {
    return prefix;
  }

  Path inUse() {
    return inUse;
  }

  Path whole() {
    return whole;
  }

  EventFile events() {
    return events;
  }

  int wantedReplicas() {
    return wantedReplicas;
  }

  long eventCount() {
    return eventCount;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  void wrote(long moreEvents, long moreBytes) {
    eventCount += moreEvents;
    bodyBytes += moreBytes;
  }

  void hold(Part part) {
    if (part.to() > part.from()) {
      unsettled.add(part);
    }
  }

  boolean hasUnsettled() {
    return !unsettled.isEmpty();
  }

  /** Whether events that are in it have left the channel. */
  boolean isReleased() {
    return isReleased;
  }

  /** Releases what it holds. */
  void settle() {
    if (!unsettled.isEmpty()) {
      isReleased = true;
    }
    for (Part part : takeUnsettled()) {
      part.flight().delivered(part);
    }
  }

  /** What has to be written elsewhere. */
  List<Part> takeUnsettled() {
    List<Part> taken = unsettled;
    unsettled = new ArrayList<>();
    return taken;
  }

  /**
   * Which events it holds, as far as they have numbers that last. What was rejected is not in it.
   */
  CommitRecord record(Path target) {
    Map<CommitRecord.Lane, SequenceBits> numbers = new TreeMap<>();
    for (Part part : unsettled) {
      Origin origin = part.flight().origin();
      if (!origin.isKnown()) {
        continue;
      }
      SequenceBits bits =
          numbers.computeIfAbsent(
              new CommitRecord.Lane(origin.journal(), origin.lane()), lane -> new SequenceBits());
      for (int i = part.from(); i < part.to(); i++) {
        if (!part.flight().isRejected(part.index(i))) {
          long sequence = origin.first() + part.index(i);
          bits.add(sequence, sequence + 1);
        }
      }
    }
    return new CommitRecord(inUse, target, numbers);
  }
}
