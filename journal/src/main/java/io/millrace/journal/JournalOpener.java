/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.mirror.MirrorDisk;
import io.millrace.journal.segment.CheckpointStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
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
          lanes -> new OwnerThreads(lanes, background),
          (journal, directories, context) ->
              SetAsideDirectories.tryAgain(journal, directories, context));
    } catch (RuntimeException e) {
      background.shutdown();
      throw e;
    }
  }

  /** Tries what was set aside again, if anything was. */
  interface Retrier {
    void begin(Journal journal, JournalDirectories directories, LaneContext context);
  }

  /** With everything that a simulator replaces. */
  static Journal open(
      JournalOptions options,
      Disk disk,
      JournalListener listener,
      LongSupplier nanoClock,
      LongSupplier random,
      IntFunction<Executor> backgrounds,
      Function<List<Lane>, LaneThreads> threads,
      Retrier retrier) {
    JournalListener guarded = new GuardedListener(listener);
    MirrorDisk mirror =
        options.copies() == 1 ? null : mirror(options, disk, guarded, nanoClock, random);
    Disk used = mirror == null ? disk : mirror;
    JournalDirectories directories =
        JournalDirectories.open(
            options, used, guarded, () -> new UUID(random.getAsLong(), random.getAsLong()));
    try {
      ConsumerSignal signal = new ConsumerSignal();
      LaneContext context =
          new LaneContext(
              directories.journalId(),
              options,
              used,
              mirror,
              guarded,
              signal,
              nanoClock,
              random,
              backgrounds);
      List<Lane> lanes = openLanes(context, directories);
      Journal journal =
          new Journal(
              directories.journalId(),
              random.getAsLong(),
              options,
              directories,
              lanes,
              signal,
              threads.apply(lanes));
      if (directories.unusableCount() > 0) {
        retrier.begin(journal, directories, context);
      }
      return journal;
    } catch (RuntimeException e) {
      directories.close();
      throw e;
    }
  }

  private static List<Lane> openLanes(LaneContext context, JournalDirectories directories) {
    List<LaneStart> starts = new ArrayList<>();
    IOException failure = null;
    settleCopies(context, directories);
    directories.writeIdentities();
    for (Map.Entry<Path, Integer> lane : Map.copyOf(directories.lanes()).entrySet()) {
      try {
        starts.add(
            LaneRecovery.run(
                context, lane.getValue(), lane.getKey(), checkpoints(context, lane.getValue())));
      } catch (NewerFormatException e) {
        throw JournalDirectories.newer(lane.getKey(), e);
      } catch (IOException e) {
        failure = e;
        directories.setAside(lane.getKey(), e);
      }
    }
    if (starts.isEmpty()) {
      throw unusable(failure);
    }
    directories.settleAbsentLanes();
    return starts.stream()
        .sorted(Comparator.comparing(LaneStart::laneIndex))
        .map(start -> lane(context, start))
        .toList();
  }

  private static MirrorDisk mirror(
      JournalOptions options,
      Disk disk,
      JournalListener listener,
      LongSupplier nanoClock,
      LongSupplier random) {
    return new MirrorDisk(
        disk,
        options.checkpointDirectory(),
        options.dataDirectories(),
        options.segmentBytes(),
        options.retryInterval(),
        new CopyEvents(listener),
        nanoClock,
        random);
  }

  /** Which copies are in use is durable before anything else is written. */
  private static void settleCopies(LaneContext context, JournalDirectories directories) {
    for (Map.Entry<Path, Integer> lane : List.copyOf(directories.lanes().entrySet())) {
      try {
        settleCopies(context, lane.getKey(), lane.getValue());
      } catch (IOException e) {
        directories.setAside(lane.getKey(), e);
      }
    }
    if (directories.lanes().isEmpty()) {
      throw unusable(directories.anyFailure());
    }
  }

  private static void settleCopies(LaneContext context, Path directory, int laneIndex)
      throws IOException {
    if (context.mirror() != null) {
      context.mirror().activate(directory, laneIndex);
    } else if (MirrorDisk.openAlone(
        context.disk(), context.options().checkpointDirectory(), directory)) {
      context.listener().onEvent(new JournalEvent.CopyStale(laneIndex, directory.toString()));
    }
  }

  private static Lane lane(LaneContext context, LaneStart start) {
    return new Lane(context, start, checkpoints(context, start.laneIndex()));
  }

  /** Opens the lane of a directory that was set aside. On failure nothing stays locked. */
  static Lane reopen(LaneContext context, JournalDirectories directories, Path directory)
      throws IOException {
    int laneIndex = directories.tryAgain(directory);
    try {
      settleCopies(context, directory, laneIndex);
      return lane(
          context,
          LaneRecovery.run(context, laneIndex, directory, checkpoints(context, laneIndex)));
    } catch (NewerFormatException e) {
      directories.giveBack(directory);
      throw JournalDirectories.newer(directory, e);
    } catch (IOException | RuntimeException e) {
      directories.giveBack(directory);
      throw e;
    }
  }

  private static JournalException unusable(IOException e) {
    return new JournalException(
        JournalException.Code.STORAGE_UNUSABLE,
        "The directories can't be used: " + e + ". The journal is not opened.",
        e);
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
