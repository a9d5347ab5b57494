/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.segment.CheckpointStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/** Puts a journal together. Confined to the thread that opens it. */
final class JournalOpener {
  private JournalOpener() {}

  static Journal open(JournalOptions options, Disk disk, JournalListener listener) {
    SecureRandom random = new SecureRandom();
    LaneBackground background = new LaneBackground();
    try {
      return open(
          options,
          disk,
          listener,
          System::nanoTime,
          random::nextLong,
          background,
          lanes -> new OwnerThreads(lanes, background));
    } catch (RuntimeException e) {
      background.shutdown();
      throw e;
    }
  }

  /** With everything that a simulator replaces. */
  static Journal open(
      JournalOptions options,
      Disk disk,
      JournalListener listener,
      LongSupplier nanoClock,
      LongSupplier random,
      IntFunction<Executor> backgrounds,
      Function<List<Lane>, LaneThreads> threads) {
    JournalListener guarded = new GuardedListener(listener);
    JournalDirectories directories =
        JournalDirectories.open(
            options, disk, guarded, () -> new UUID(random.getAsLong(), random.getAsLong()));
    try {
      ConsumerSignal signal = new ConsumerSignal();
      LaneContext context =
          new LaneContext(
              directories.journalId(),
              options,
              disk,
              guarded,
              signal,
              nanoClock,
              random,
              backgrounds);
      List<Lane> lanes = openLanes(context, directories);
      return new Journal(
          directories.journalId(),
          options.codec(),
          directories,
          lanes,
          signal,
          threads.apply(lanes));
    } catch (RuntimeException e) {
      directories.close();
      throw e;
    }
  }

  private static List<Lane> openLanes(LaneContext context, JournalDirectories directories) {
    List<LaneStart> starts = new ArrayList<>();
    IOException failure = null;
    try {
      directories.writeIdentities();
    } catch (IOException e) {
      throw unusable(e);
    }
    for (Map.Entry<Path, Integer> lane : directories.lanes().entrySet()) {
      try {
        starts.add(
            LaneRecovery.run(
                context, lane.getValue(), lane.getKey(), checkpoints(context, lane.getValue())));
      } catch (NewerFormatException e) {
        throw JournalDirectories.newer(lane.getKey(), e);
      } catch (IOException e) {
        failure = e;
        context
            .listener()
            .onEvent(
                new JournalEvent.DiskTrouble(
                    lane.getValue(), "data directory " + lane.getKey() + " is set aside", e));
      }
    }
    if (starts.isEmpty()) {
      throw unusable(failure);
    }
    reportAbsentLanes(context, directories);
    return starts.stream()
        .map(start -> new Lane(context, start, checkpoints(context, start.laneIndex())))
        .toList();
  }

  private static JournalException unusable(IOException e) {
    return new JournalException(
        JournalException.Code.STORAGE_UNUSABLE,
        "The directories can't be used: " + e + ". The journal is not opened.",
        e);
  }

  private static void reportAbsentLanes(LaneContext context, JournalDirectories directories) {
    for (int laneIndex : directories.absentLanes()) {
      context
          .listener()
          .onEvent(
              new JournalEvent.DiskTrouble(
                  laneIndex,
                  "a checkpoint tells of this lane, but none of the data directories is it",
                  new IOException("data directory missing")));
    }
  }

  private static List<CheckpointStore> checkpoints(LaneContext context, int laneIndex) {
    List<CheckpointStore> stores = new ArrayList<>();
    JournalOptions options = context.options();
    stores.add(
        new CheckpointStore(context.disk(), options.checkpointDirectory(), laneIndex, false));
    options
        .backupCheckpointDirectory()
        .ifPresent(
            backup -> stores.add(new CheckpointStore(context.disk(), backup, laneIndex, true)));
    return stores;
  }
}
