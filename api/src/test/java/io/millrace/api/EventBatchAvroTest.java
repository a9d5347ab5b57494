/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static io.millrace.api.AvroEvents.decode;
import static io.millrace.api.AvroEvents.views;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millrace.api.AvroEvents.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** The batch against the Avro library, over every shape of encoding that Avro allows. */
final class EventBatchAvroTest {
  /** More than a walk, its exception and its message take; less than any hostile length. */
  private static final long MAX_PARSE_ALLOCATION_BYTES = 64 * 1024;

  @Provide
  Arbitrary<List<Event>> events() {
    return AvroEvents.lists();
  }

  private static EventBatch parsed(List<Event> events, long shape) throws Exception {
    return EventBatch.parse(AvroEvents.encode(events, new Random(shape)));
  }

  @Property(tries = 200)
  void anyShapeThatAvroWritesIsRead(@ForAll("events") List<Event> events, @ForAll long shape)
      throws Exception {
    EventBatch batch = parsed(events, shape);

    assertThat(batch.eventCount()).isEqualTo(events.size());
    assertThat(views(batch)).isEqualTo(events);
  }

  @Property(tries = 200)
  void whatIsBuiltIsReadByAvro(@ForAll("events") List<Event> events) throws Exception {
    EventBatch batch = AvroEvents.built(events);

    assertThat(decode(batch)).isEqualTo(events);
    assertThat(views(batch)).isEqualTo(events);
    byte[] bytes = new byte[batch.encodedBytes()];
    batch.copyTo(bytes, 0);
    assertThat(EventBatch.parse(bytes)).isEqualTo(batch);
  }

  @Property(tries = 200)
  void aSliceHoldsItsEvents(
      @ForAll("events") List<Event> events, @ForAll long shape, @ForAll Random random)
      throws Exception {
    EventBatch batch = parsed(events, shape);
    int from = random.nextInt(events.size() + 1);
    int to = from + random.nextInt(events.size() - from + 1);

    EventBatch slice = batch.slice(from, to);

    assertThat(slice.eventCount()).isEqualTo(to - from);
    assertThat(decode(slice)).isEqualTo(events.subList(from, to));
  }

  @Property(tries = 200)
  void batchesAreJoinedInTheirOrder(
      @ForAll @Size(max = 4) List<@net.jqwik.api.From("events") List<Event>> parts,
      @ForAll long shape)
      throws Exception {
    List<EventBatch> batches = new ArrayList<>();
    List<Event> all = new ArrayList<>();
    for (List<Event> part : parts) {
      batches.add(parsed(part, shape + batches.size()));
      all.addAll(part);
    }

    EventBatch joined = EventBatch.join(batches);

    assertThat(joined.eventCount()).isEqualTo(all.size());
    assertThat(decode(joined)).isEqualTo(all);
    assertThat(views(joined)).isEqualTo(all);
  }

  @Property(tries = 200)
  void aHeaderIsSetOnEveryEventOrWhereThereIsNone(
      @ForAll("events") List<Event> events,
      @ForAll long shape,
      @ForAll boolean isReplacing,
      @ForAll boolean isNonAscii)
      throws Exception {
    String name = isNonAscii ? "hö" : "host";
    EventBatch batch = parsed(events, shape);

    EventBatch changed =
        batch.withHeader(
            name, "wért", isReplacing ? HeaderConflict.REPLACE : HeaderConflict.KEEP_EXISTING);

    List<Event> expected =
        events.stream()
            .map(
                event ->
                    isReplacing || !event.headers().containsKey(name)
                        ? event.with(name, "wért")
                        : event)
            .toList();
    assertThat(decode(changed)).isEqualTo(expected);
    assertThat(views(changed)).isEqualTo(expected);
    assertThat(views(batch)).as("the batch it was made from").isEqualTo(events);
  }

  @Property(tries = 200)
  void changesOnTopOfChangesHoldUp(
      @ForAll("events") List<Event> events, @ForAll long shape, @ForAll Random random)
      throws Exception {
    EventBatch batch = parsed(events, shape);
    List<Event> expected = new ArrayList<>(events);
    for (int step = 0; step < 6; step++) {
      int cut = random.nextInt(expected.size() + 1);
      EventBatch head = batch.slice(0, cut).withHeader("s" + step, "v", HeaderConflict.REPLACE);
      batch = EventBatch.join(List.of(head, batch.slice(cut, batch.eventCount())));
      for (int i = 0; i < cut; i++) {
        expected.set(i, expected.get(i).with("s" + step, "v"));
      }
    }

    assertThat(decode(batch)).isEqualTo(expected);
    assertThat(views(batch)).isEqualTo(expected);
  }

  @Property(tries = 200)
  void eachEventIsADatumOfItsOwn(@ForAll("events") List<Event> events, @ForAll long shape)
      throws Exception {
    int index = 0;
    for (EventView view : parsed(events, shape)) {
      ByteBuffer datum = view.encoded();
      byte[] bytes = new byte[datum.remaining()];
      datum.get(bytes);

      assertThat(views(EventBatch.parseEvent(bytes, 0, bytes.length)))
          .containsExactly(events.get(index));
      index++;
    }
    assertThat(index).isEqualTo(events.size());
  }

  @Property(tries = 200)
  void everyWayToTheBytesGivesTheSame(@ForAll("events") List<Event> events, @ForAll long shape)
      throws IOException, MalformedBatchException {
    byte[] encoded = AvroEvents.encode(events, new Random(shape));
    byte[] padded = new byte[encoded.length + 7];
    System.arraycopy(encoded, 0, padded, 3, encoded.length);
    EventBatch batch = EventBatch.parse(padded, 3, encoded.length);

    ByteArrayOutputStream written = new ByteArrayOutputStream();
    batch.writeTo(written);
    byte[] copied = new byte[encoded.length + 2];
    batch.copyTo(copied, 2);
    byte[] lent =
        batch.lend(
            (array, offset, length) ->
                java.util.Arrays.copyOfRange(array, offset, offset + length));

    assertThat(written.toByteArray()).isEqualTo(encoded);
    assertThat(copied).endsWith(encoded);
    assertThat(lent).isEqualTo(encoded);
    assertThat(batch.encoded()).isEqualTo(ByteBuffer.wrap(encoded));
    assertThat(batch.encoded().isReadOnly()).isTrue();
    assertThat(batch)
        .isEqualTo(EventBatch.parse(encoded))
        .hasSameHashCodeAs(EventBatch.parse(encoded));
  }

  @Property(tries = 1000)
  void changedBytesAreRefusedOrReadWithoutHarm(
      @ForAll("events") List<Event> events, @ForAll long shape, @ForAll Random random) {
    byte[] bytes = AvroEvents.encode(events, new Random(shape));
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    checkHarmless(bytes);
  }

  @Property(tries = 3000)
  void anyBytesAreRefusedOrReadWithoutHarm(@ForAll @Size(max = 60) byte[] bytes) {
    checkHarmless(bytes);
  }

  @Property(tries = 200)
  void aCutBatchIsRefused(
      @ForAll("events") List<Event> events, @ForAll long shape, @ForAll Random random) {
    byte[] bytes = AvroEvents.encode(events, new Random(shape));
    byte[] cut = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> EventBatch.parse(cut))
        .isInstanceOf(MalformedBatchException.class);
  }

  /** Whatever is accepted must bear every use; whatever is not must cost next to nothing. */
  private static void checkHarmless(byte[] bytes) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    EventBatch batch = parsedOrNull(bytes);
    if (threads.getCurrentThreadAllocatedBytes() - before >= MAX_PARSE_ALLOCATION_BYTES) {
      // The first time on a way through the code the JVM allocates for itself.
      before = threads.getCurrentThreadAllocatedBytes();
      batch = parsedOrNull(bytes);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .isLessThan(MAX_PARSE_ALLOCATION_BYTES);
    }
    if (batch == null) {
      return;
    }
    List<Event> seen = views(batch);
    assertThat(seen).hasSize(batch.eventCount());
    EventBatch twice = EventBatch.join(List.of(batch, batch));
    List<Event> doubled = new ArrayList<>(seen);
    doubled.addAll(seen);
    assertThat(views(twice)).isEqualTo(doubled);
    assertThat(views(batch.slice(0, seen.size() / 2))).isEqualTo(seen.subList(0, seen.size() / 2));
    assertThat(views(batch.withHeader("n", "v", HeaderConflict.REPLACE)))
        .isEqualTo(seen.stream().map(event -> event.with("n", "v")).toList());
  }

  private static EventBatch parsedOrNull(byte[] bytes) {
    try {
      return EventBatch.parse(bytes);
    } catch (MalformedBatchException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return null;
    }
  }
}
