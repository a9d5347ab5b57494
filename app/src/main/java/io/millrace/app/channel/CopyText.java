/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.mirror.StoredCopies;
import io.millrace.journal.mirror.StoredCopy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The copies of a lane in plain words. Stateless. */
final class CopyText {
  private CopyText() {}

  /** The directories that the lane is read from. */
  static List<Path> readDirectories(LaneReport lane) {
    return lane.copies()
        .map(StoredCopies::readDirectories)
        .orElseGet(() -> List.of(lane.directory()));
  }

  /** Both copies, a line each; the first one sums up. */
  static List<String> lines(StoredCopies copies) {
    List<String> lines = new ArrayList<>();
    int inSync = copies.readDirectories().size();
    lines.add(inSync + " of " + copies.copies().size() + " in sync");
    for (StoredCopy copy : copies.copies()) {
      lines.add(copy.directory() + ": " + state(copy));
    }
    if (copies.isLeftOut()) {
      lines.add("the one in sync had been left out: what came since is in the other one only");
    }
    return lines;
  }

  private static String state(StoredCopy copy) {
    return switch (copy.state()) {
      case IN_SYNC -> "in sync";
      case EMPTY -> "lost: nothing of the lane is there";
      case STALE -> "stale: it was left out when the other one went on";
      case DIVERGED -> "diverged: it holds what the other one does not know of; not read";
      case UNREACHABLE -> "can't be read: " + copy.trouble();
    };
  }

  /** What the next start does about them. */
  static List<String> nextStart(StoredCopies copies) {
    List<String> sentences = new ArrayList<>();
    if (copies.readDirectories().isEmpty()) {
      return sentences;
    }
    Path source = copies.readDirectories().get(0);
    if (copies.isLeftOut()) {
      sentences.add(
          "goes on from "
              + source
              + " without the events that came after it was left out; bring the other copy back"
              + " before, if it can be had");
    }
    for (StoredCopy copy : copies.copies()) {
      String sentence =
          switch (copy.state()) {
            case IN_SYNC -> "";
            case EMPTY, STALE ->
                "serves from "
                    + source
                    + " and brings "
                    + copy.directory()
                    + " up to date meanwhile (copies "
                    + Amounts.bytes(copies.bytesToCopy())
                    + ")";
            case DIVERGED ->
                "serves from "
                    + source
                    + " alone and leaves "
                    + copy.directory()
                    + " as it is, until somebody has looked at it and moved it away";
            case UNREACHABLE ->
                "serves from " + source + " alone until " + copy.directory() + " can be used";
          };
      if (!sentence.isEmpty()) {
        sentences.add(sentence);
      }
    }
    return sentences;
  }
}
