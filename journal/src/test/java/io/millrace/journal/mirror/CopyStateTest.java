/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.format.Checksums;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Holds the state of copies to the bytes that docs/formats/journal-v1.md describes. */
class CopyStateTest {
  private static final UUID PAIR = new UUID(0x0123456789ABCDEFL, 0x8877665544332211L);
  private static final Path DIRECTORY = Path.of("/lane");

  @Test
  void slot() throws Exception {
    CopyState state = new CopyState(1, PAIR, 7, 6, 2);
    ByteBuffer slot = state.encode();
    assertThat(HexFormat.of().formatHex(slot.array(), 0, 56))
        .isEqualTo(
            "4d494c4c43505931"
                + "00000001"
                + "00000001"
                + "0123456789abcdef8877665544332211"
                + "0000000000000007"
                + "0000000000000006"
                + "00000002"
                + "50248740");
    assertThat(slot.remaining()).isEqualTo(4096);
    assertThat(CopyState.decode(slot, 0)).isEqualTo(state);
  }

  @Test
  void aLaterVersionIsNotTakenForDamage() {
    ByteBuffer slot = new CopyState(1, PAIR, 7, 6, 2).encode();
    slot.putInt(8, 2).putInt(52, Checksums.crc32c(slot, 0, 52));
    assertThatThrownBy(() -> CopyState.decode(slot, 0)).isInstanceOf(NewerFormatException.class);
  }

  /**
   * Goal: at every moment one slot is intact. Method: each call of a change fails, then a crash.
   */
  @Test
  void aChangeThatACrashCutsShortLeavesOneOfTheTwoStates() throws Exception {
    for (int call = 0; call < 4; call++) {
      for (int seed = 0; seed < 20; seed++) {
        SimDisk disk = new SimDisk(new Random(seed));
        disk.createDirectories(DIRECTORY);
        CopyStateFile file = new CopyStateFile(disk, DIRECTORY, CopyStateFile.NAME);
        CopyState before = new CopyState(0, PAIR, 1, 1, 3);
        CopyState after = new CopyState(0, PAIR, 2, 2, 1);
        file.write(before);
        disk.powerOffAt(disk.callCount() + call);
        assertThatThrownBy(() -> file.write(after)).hasMessageContaining("power");
        disk.crash();
        assertThat(file.read()).isIn(before, after);
        file.write(after);
        assertThat(file.isWhole()).isTrue();
      }
    }
  }
}
