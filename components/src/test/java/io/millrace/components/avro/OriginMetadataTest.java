/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Origin;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OriginMetadataTest {
  private static final Origin ORIGIN = new Origin(new UUID(1, 2), 3, 100, 10, -5, 90, true, "peer");

  private final Map<String, byte[]> metadata = new LinkedHashMap<>(OriginMetadata.of(ORIGIN));

  @Test
  void whatIsWrittenIsRead() {
    assertThat(OriginMetadata.parse(metadata, 10, "peer")).contains(ORIGIN);
    assertThat(OriginMetadata.parse(OriginMetadata.of(ORIGIN.again()), 10, "peer"))
        .contains(ORIGIN.again());
  }

  @Test
  void eventsOfNoKnownOriginHaveNone() {
    assertThat(OriginMetadata.of(Origin.NONE)).isEmpty();
    assertThat(OriginMetadata.isIn(Map.of())).isFalse();
    assertThat(OriginMetadata.isIn(metadata)).isTrue();
  }

  @Test
  void withoutOrWithTooMuchOrTooLittleOfAnyEntryThereIsNoOrigin() {
    for (String name : metadata.keySet()) {
      Map<String, byte[]> without = new HashMap<>(metadata);
      byte[] value = without.remove(name);
      assertThat(OriginMetadata.parse(without, 10, "")).as("without %s", name).isEmpty();
      for (int bytes : new int[] {0, value.length - 1, value.length + 1, 1 << 20}) {
        without.put(name, Arrays.copyOf(value, bytes));
        assertThat(OriginMetadata.parse(without, 10, "")).as("%s: %s", name, bytes).isEmpty();
      }
    }
  }

  @Test
  void numbersOutOfBoundsMakeNoOrigin() {
    assertBad("millrace.lane", ByteBuffer.allocate(4).putInt(-1));
    assertBad("millrace.first", ByteBuffer.allocate(8).putLong(-1));
    assertBad("millrace.first", ByteBuffer.allocate(8).putLong(Long.MAX_VALUE - 3));
    assertBad("millrace.first", ByteBuffer.allocate(8).putLong(89));
    assertBad("millrace.floor", ByteBuffer.allocate(8).putLong(101));
    assertBad("millrace.floor", ByteBuffer.allocate(8).putLong(-1));
    assertBad("millrace.count", ByteBuffer.allocate(4).putInt(11));
    assertBad("millrace.fresh", ByteBuffer.allocate(1).put((byte) 2));
    assertBad("millrace.journal", ByteBuffer.allocate(16));
  }

  @Property
  void anyBytesAreAnOriginOrNone(
      @ForAll @Size(16) byte[] journal,
      @ForAll @Size(4) byte[] lane,
      @ForAll @Size(8) byte[] first,
      @ForAll @Size(8) byte[] floor) {
    Map<String, byte[]> any = new HashMap<>(metadata);
    any.put("millrace.journal", journal);
    any.put("millrace.lane", lane);
    any.put("millrace.first", first);
    any.put("millrace.floor", floor);
    OriginMetadata.parse(any, 10, "")
        .ifPresent(origin -> assertThat(origin.floor()).isBetween(0L, origin.first()));
  }

  private void assertBad(String name, ByteBuffer value) {
    Map<String, byte[]> bad = new HashMap<>(metadata);
    bad.put(name, value.array());
    assertThat(OriginMetadata.parse(bad, 10, "")).as(name).isEmpty();
  }
}
