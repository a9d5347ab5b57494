/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.connectors.hadoop.CommitRecord.Lane;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommitRecordTest {
  private static final Lane LANE = new Lane(new UUID(3, 4), 1);

  private static CommitRecord record(SequenceBits bits) {
    return new CommitRecord(
        new Path("hdfs://nn/a/x.1.me-c00000001.tmp"),
        new Path("hdfs://nn/a/x.1"),
        Map.of(LANE, bits));
  }

  @Property(tries = 200)
  void everySequenceThatWentInComesOut(
      @ForAll @Size(max = 300) Set<@LongRange(min = 0, max = 300_000) Long> sequences)
      throws IOException {
    SequenceBits bits = new SequenceBits();
    sequences.forEach(sequence -> bits.add(sequence, sequence + 1));
    CommitRecord read = CommitRecord.decode(record(bits).encoded());
    assertThat(read.inUse()).isEqualTo(record(bits).inUse());
    assertThat(read.whole()).isEqualTo(record(bits).whole());
    SequenceBits found = read.events().get(LANE);
    assertThat(found.end())
        .isEqualTo(sequences.isEmpty() ? 0 : new TreeSet<>(sequences).last() + 1);
    for (long sequence = 0; sequence < found.end() + 2; sequence++) {
      assertThat(found.contains(sequence)).isEqualTo(sequences.contains(sequence));
    }
  }

  @Test
  void rangesReachOverBlocks() {
    SequenceBits bits = new SequenceBits();
    bits.add(65_530, 65_536 * 3 + 2);
    assertThat(bits.contains(65_529)).isFalse();
    assertThat(bits.contains(65_530)).isTrue();
    assertThat(bits.contains(65_536 * 2)).isTrue();
    assertThat(bits.contains(65_536 * 3 + 1)).isTrue();
    assertThat(bits.end()).isEqualTo(65_536 * 3 + 2);
    bits.forgetBelow(65_536 * 3 + 1);
    assertThat(bits.contains(65_536 * 2)).isFalse();
    assertThat(bits.contains(65_536 * 3 + 1)).isTrue();
  }

  @Test
  void recordThatIsDamagedOrCutIsNoRecord() throws IOException {
    SequenceBits bits = new SequenceBits();
    bits.add(0, 1000);
    byte[] whole = record(bits).encoded();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> CommitRecord.decode(cut))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void namesTellOwnFilesOfEarlierRunsFromOthers() {
    FileNames names = new FileNames(Settings.sink("/x", "hdfs.inUsePrefix", "_"), ".gz", "me", 5);
    Path earlier = new Path("/x/_p.17.gz.me-s0000000a.tmp");
    FileNames.Leftover leftover = names.leftover(earlier).orElseThrow();
    assertThat(leftover.whole()).isEqualTo(new Path("/x/p.17.gz"));
    assertThat(leftover.isReleased()).isTrue();
    assertThat(names.leftover(new Path("/x/_p.17.gz.me-c0000000a.tmp")).orElseThrow().isReleased())
        .isFalse();
    assertThat(names.leftover(new Path("/x/_p.17.gz.you-s0000000a.tmp"))).isEmpty();
    assertThat(names.leftover(new Path("/x/_p.17.gz.tmp"))).isEmpty();
    assertThat(names.leftover(new Path("/x/_.me-s0000000a.tmp"))).as("no counter").isEmpty();
    assertThat(names.leftover(names.inUse("/x", "p", 18))).as("of this run").isEmpty();
    assertThat(names.inUse("/x", "p", 18)).isEqualTo(new Path("/x/_p.18.gz.me-s00000005.tmp"));
    assertThat(names.instead(new Path("/x/p.17.gz")).getName()).matches("p\\.\\d{13}\\.gz");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // A header in hdfs.filePrefix says so; this is how the whole file is called then.
        "x.me-c0000000a.tmp.1709564829123",
        "x.1.me-c0000000a.1709564829123",
        "x.1.me-s0000000a.tmp.1709564829123.tmp",
        "x.17.me-c0000000a",
        "x.17.me-c0000000a.tmp.gz",
        "x.17.me-c0000000aa.tmp",
        "x.17.me-C0000000A.tmp",
        "me-c0000000a.tmp"
      })
  void nameThatIsNotToTheLetterOfALeftoverIsLeftAlone(String name) {
    FileNames names = new FileNames(Settings.sink("/x"), "", "me", 5);
    assertThat(names.leftover(new Path("/x", name))).isEmpty();
  }
}
