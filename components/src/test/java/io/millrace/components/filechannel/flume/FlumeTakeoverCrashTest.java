/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Delivery;
import io.millrace.api.StorageException;
import io.millrace.components.testing.Events;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlumeTakeoverCrashTest {
  private static final int EVENTS_PER_TAKE = 3;

  @TempDir Path temporary;

  // Ends the process before each change of the disk in turn, from the first rename to the last
  // deletion; a write is torn in half. The next start goes on, and the one after that.
  @Test
  void aCrashAtAnyChangeOfTheDiskLosesNothingAndOnlyWhatWasInFlightComesTwice() throws Exception {
    int changes = 0;
    boolean isCrashed = true;
    while (isCrashed) {
      OldChannel old = new OldChannel(temporary.resolve("run-" + changes));
      write(old);
      CrashingDisk disk = new CrashingDisk(changes);
      List<String> delivered = deliverUntilCrash(old, disk);
      isCrashed = disk.isCrashed();
      // And once more, a little later.
      delivered.addAll(deliverUntilCrash(old, new CrashingDisk(changes / 2 + 3)));

      delivered.addAll(old.deliverAll());

      assertThat(new LinkedHashSet<>(delivered))
          .as("delivered, with a crash at change %d", changes)
          .containsExactlyInAnyOrderElementsOf(Events.numbers(0, 30));
      assertThat(delivered).hasSizeLessThanOrEqualTo(30 + 2 * EVENTS_PER_TAKE);
      assertThat(old.files()).as("after a crash at change %d", changes).isEmpty();
      assertThat(old.folder()).doesNotExist();
      assertThat(old.home()).doesNotExist();
      changes++;
    }
    assertThat(changes).isGreaterThan(50);
  }

  private static void write(OldChannel old) throws Exception {
    FlumeLogWriter log1 = FlumeLogWriter.v3(1);
    FlumeLogWriter log2 = new FlumeLogWriter(2, FlumeLogWriter.Kind.ENCRYPTED);
    for (int i = 0; i < 30; i++) {
      (i % 2 == 0 ? log1 : log2).committed(10 + i * 2, Integer.toString(i));
    }
    log1.save(old.data(1));
    log2.save(old.data(2));
    Files.createDirectories(old.checkpoint().resolve("queueset"));
    Files.writeString(old.checkpoint().resolve("queueset/db"), "scratch");
    Files.writeString(old.checkpoint().resolve("checkpoint"), "pointers");
    Files.writeString(old.checkpoint().resolve("inflighttakes"), "");
  }

  private static List<String> deliverUntilCrash(OldChannel old, CrashingDisk disk) {
    List<String> delivered = new ArrayList<>();
    try (FlumeBacklog backlog = old.open(OldChannel.KEYS, disk)) {
      Delivery next;
      while (!disk.isCrashed() && (next = backlog.take(EVENTS_PER_TAKE, 1000)) != null) {
        try (Delivery delivery = next) {
          delivered.addAll(Events.bodies(delivery.batch()));
          delivery.acknowledge();
        }
      }
    } catch (StorageException e) {
      assertThat(disk.isCrashed()).isTrue();
    }
    return delivered;
  }
}
