/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.taildir.ScanPlan.Follow;
import io.millrace.components.taildir.ScanPlan.Known;
import io.millrace.components.taildir.ScanPlan.Leave;
import io.millrace.components.taildir.ScanPlan.Move;
import io.millrace.components.taildir.ScanPlan.Refresh;
import io.millrace.components.taildir.ScanPlan.Seen;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The pure decisions, as tables: from what stat says to what is done. */
class DecisionTest {
  private static final FileGroup GROUP = FileGroup.parse("g", "/d/.*", Map.of());
  private static final Path A = Path.of("/d/a");
  private static final Path B = Path.of("/d/b");

  private static FileId id(long inode) {
    return new FileId(1, inode);
  }

  private static Seen seen(Path path, long inode, long size, long modified) {
    return new Seen(GROUP, path, new FileFacts(id(inode), size, modified, true, false));
  }

  private static Known known(long inode, Path path, long size, long modified) {
    return new Known(id(inode), path, false, size, modified);
  }

  private static Known gone(long inode, Path path) {
    return new Known(id(inode), path, true, 0, 0);
  }

  private static List<ScanPlan.Step> plan(List<Known> known, List<Seen> seen) {
    return ScanPlan.of(known, seen, Set.of()).steps();
  }

  @Test
  void newFilesAreFollowedOldestFirst() {
    Seen old = seen(B, 2, 0, 10);
    Seen young = seen(A, 1, 0, 20);
    assertThat(plan(List.of(), List.of(young, old)))
        .containsExactly(new Follow(old), new Follow(young));
  }

  @Test
  void aFileWhereItWasIsRefreshedAndAnyDifferenceIsAChange() {
    Seen same = seen(A, 1, 5, 7);
    assertThat(plan(List.of(known(1, A, 5, 7)), List.of(same)))
        .containsExactly(new Refresh(same, false));
    assertThat(plan(List.of(known(1, A, 4, 7)), List.of(same)))
        .containsExactly(new Refresh(same, true));
    assertThat(plan(List.of(known(1, A, 9, 7)), List.of(same)))
        .containsExactly(new Refresh(same, true));
    assertThat(plan(List.of(known(1, A, 5, 6)), List.of(same)))
        .containsExactly(new Refresh(same, true));
  }

  @Test
  void aRotationMovesTheOldFileBeforeItFollowsTheNew() {
    Seen moved = seen(B, 1, 5, 7);
    Seen fresh = seen(A, 2, 0, 3);
    assertThat(plan(List.of(known(1, A, 5, 7)), List.of(fresh, moved)))
        .containsExactly(new Move(moved), new Follow(fresh));
  }

  @Test
  void aRotationOutOfThePatternLeavesTheOldFileBeforeItFollowsTheNew() {
    Seen fresh = seen(A, 2, 0, 9);
    assertThat(plan(List.of(known(1, A, 5, 7)), List.of(fresh)))
        .containsExactly(new Leave(id(1)), new Follow(fresh));
  }

  @Test
  void aFileSeenTwiceInARenameOrThroughLinksKeepsItsKnownPath() {
    Seen atOld = seen(A, 1, 5, 7);
    Seen atNew = seen(B, 1, 5, 7);
    assertThat(plan(List.of(known(1, A, 5, 7)), List.of(atNew, atOld)))
        .containsExactly(new Refresh(atOld, false));
    assertThat(plan(List.of(), List.of(atNew, atOld))).containsExactly(new Follow(atNew));
  }

  @Test
  void aFileThatComesBackIsMovedAndOneThatStaysAwayIsNotLeftTwice() {
    Seen back = seen(A, 1, 5, 7);
    assertThat(plan(List.of(gone(1, A)), List.of(back))).containsExactly(new Move(back));
    assertThat(plan(List.of(gone(1, A)), List.of())).isEmpty();
  }

  @Test
  void aPathThatCannotBeLookedAtIsNotLeft() {
    assertThat(ScanPlan.of(List.of(known(1, A, 5, 7)), List.of(), Set.of(A)).steps()).isEmpty();
  }

  @Test
  void theSameInodeOnAnotherDeviceIsAnotherFile() {
    Seen other = new Seen(GROUP, B, new FileFacts(new FileId(2, 1), 5, 7, true, false));
    assertThat(plan(List.of(known(1, A, 5, 7)), List.of(seen(A, 1, 5, 7), other)))
        .contains(new Follow(other));
  }

  @Test
  void startPositions() {
    Mark mark = new Mark(4, 77);
    assertThat(StartPosition.of(null, A, 50, false)).isEqualTo(StartPosition.BEGINNING);
    assertThat(StartPosition.of(null, A, 50, true)).isEqualTo(new StartPosition(50, Mark.UNKNOWN));
    for (boolean skipToEnd : new boolean[] {false, true}) {
      assertThat(StartPosition.of(new Position(1, 40, A, Mark.UNKNOWN), A, 50, skipToEnd))
          .as("Flume's entry, same name")
          .isEqualTo(new StartPosition(40, Mark.UNKNOWN));
      assertThat(StartPosition.of(new Position(1, 40, B, Mark.UNKNOWN), A, 50, skipToEnd))
          .as("Flume's entry, other name")
          .isEqualTo(new StartPosition(40, Mark.LINE_END));
      assertThat(StartPosition.of(new Position(1, 40, B, mark), A, 50, skipToEnd))
          .as("our entry, other name")
          .isEqualTo(new StartPosition(40, mark));
      assertThat(StartPosition.of(new Position(1, 40, A, mark), A, 39, skipToEnd))
          .as("shorter")
          .isEqualTo(StartPosition.BEGINNING);
    }
  }

  @Test
  void marksTellFilesApart() {
    byte[] bytes = "0123456789".repeat(100).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    Mark mark = Mark.of(bytes, 1000);
    assertThat(mark.bytes()).isEqualTo(Mark.MAX_BYTES);
    assertThat(mark.matches(bytes, 1000)).isTrue();
    assertThat(mark.matches(bytes, 999)).isFalse();
    assertThat(mark.matches(bytes, 100)).as("too few bytes before it").isFalse();
    bytes[800] ^= 1;
    assertThat(mark.matches(bytes, 1000)).isFalse();
    assertThat(Mark.UNKNOWN.matches(bytes, 0)).isTrue();
    assertThat(Mark.of(bytes, 0)).isEqualTo(Mark.UNKNOWN);
  }
}
