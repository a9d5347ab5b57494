/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.sim.SimDisk;
import io.millrace.journal.sim.SimDisks;
import io.millrace.journal.sim.SimMachine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * One seed: a few lives of a journal on one simulated disk, each with random work and an end by
 * clean stop, kill or power loss, faults in between; then all that is left is handed out and held
 * against the model.
 */
final class JournalSimulation {
  private enum End {
    CLEAN_STOP,
    KILL,
    POWER_LOSS
  }

  private static final List<SimDisk.Fault> FAULTS = List.of(SimDisk.Fault.values());
  private static final List<End> ENDS = List.of(End.values());

  private final Random random;
  private final SimMachine disk;

  /** The disks of two copies, or null if there is one copy. */
  private final SimDisks disks;

  private final SimModel model = new SimModel();
  private final JournalOptions.Builder options;
  private final boolean isEager;
  private final long[] clock = {0};
  private final List<Lease> leases = new ArrayList<>();
  private final List<List<SimModel.Delivery>> leased = new ArrayList<>();
  private final List<Set<Integer>> leasedAcks = new ArrayList<>();

  /** Acknowledgements that must outlive the end of the life before. */
  private Set<Long> remembered = Set.of();

  private Set<Long> pendingAcks = new HashSet<>();
  private boolean hadFault;
  private SimJournal sim;
  private SimNotes notes;
  private final int digestPaddingBytes;
  private End lastEnd = End.CLEAN_STOP;
  private int notedEvents;
  int endCount;

  /** How often each kind of event was heard. */
  final Map<String, Integer> eventCounts = new TreeMap<>();

  /** How often each kind of thing happened. */
  final Map<String, Long> counts = new TreeMap<>();

  /** What happened, for the reader of a failure. */
  private final List<String> transcript = new ArrayList<>();

  JournalSimulation(long seed) {
    this(seed, 1);
  }

  JournalSimulation(long seed, int copies) {
    random = new Random(seed);
    disks =
        copies == 1
            ? null
            : new SimDisks(
                new Random(seed + 1),
                List.of(SimJournal.lane(0), SimJournal.lane(1), SimJournal.CHECKPOINTS));
    disk = disks == null ? new SimDisk(new Random(seed + 1)) : disks;
    isEager = random.nextBoolean();
    int lanes = 1 + (random.nextInt(5) / 4);
    options =
        SimJournal.options(copies == 1 ? lanes : 2)
            .copies(copies)
            .segmentBytes((32L * 1024) << random.nextInt(2))
            .tailCacheBytes(random.nextInt(3) * 3_000L)
            .maxQueuedBytes(10_000 + random.nextInt(60_000))
            .checkpointOnClose(random.nextBoolean());
    digestPaddingBytes = random.nextInt(4) == 0 ? random.nextInt(40_000) : 0;
  }

  JournalSimulation ignoringSyncs() {
    disk.ignoreSyncs();
    return this;
  }

  void run() {
    int lives = 2 + random.nextInt(4);
    for (int life = 0; life < lives; life++) {
      live();
    }
    drain();
  }

  String transcript() {
    noteEvents();
    int from = Math.max(0, transcript.size() - 120);
    return String.join("\n  ", transcript.subList(from, transcript.size()));
  }

  private void count(String what, long times) {
    counts.merge(what, times, Long::sum);
  }

  private void note(String what) {
    noteEvents();
    transcript.add(disk.callCount() + " " + what);
  }

  private void noteEvents() {
    if (sim != null) {
      sim.events
          .subList(notedEvents, sim.events.size())
          .forEach(
              e -> {
                transcript.add("! " + e.message());
                eventCounts.merge(e.getClass().getSimpleName(), 1, Integer::sum);
              });
      notedEvents = sim.events.size();
    }
  }

  private void live() {
    open();
    hadFault = false;
    int actions = 5 + random.nextInt(80);
    for (int i = 0; i < actions; i++) {
      act();
    }
    end();
  }

  /** Opens the journal, with crashes and faults while it recovers. */
  private void open() {
    for (int attempt = random.nextInt(3); attempt > 0; attempt--) {
      disk.powerOffAt(disk.callCount() + random.nextInt(disks == null ? 12 : 40));
      try {
        sim = opened();
        sim.step();
        sim.tasks.runOne();
      } catch (JournalException e) {
        // The machine stopped during recovery.
      }
      disk.crash();
      note("crashed while opening");
      count("crashes while opening", 1);
      if (lastEnd != End.CLEAN_STOP) {
        forgetRemembered();
      }
    }
    sim = opened();
    if (random.nextInt(4) == 0) {
      SimJournal once = sim;
      disk.kill();
      sim = opened();
      SimInvariants.RecoveryIsIdempotent.check(once.journal, sim.journal);
    }
  }

  private SimJournal opened() {
    note("open");
    notes = new SimNotes(digestPaddingBytes, model.noted);
    SimJournal opened =
        SimJournal.open(
            disk,
            options.codec(TestCodecs.random(random)).noteDigest(notes).build(),
            random,
            clock);
    notedEvents = 0;
    SimInvariants.NotedStaysNoted.check(model.noted, notes.noted());
    return opened;
  }

  private void act() {
    if (disks != null && isCatchingUp()) {
      // The moments that count: what is written while a copy is made, and the loss right after.
      append();
      step();
      sim.tasks.runOne();
      if (isEitherDispensable() && random.nextBoolean()) {
        wipe();
      }
      return;
    }
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> append();
      case 4, 5, 6 -> step();
      case 7, 8 -> {
        boolean hadTask = sim.tasks.runOne();
        note("background " + hadTask);
      }
      case 9, 10 -> consume();
      case 11, 12 -> acknowledge();
      case 13 -> release();
      case 14 -> sim.advance(Duration.ofMillis(random.nextInt(2000)));
      default -> breakSomething();
    }
  }

  private void append() {
    for (int i = random.nextInt(6); i >= 0; i--) {
      SimModel.Append append = model.newAppend(random);
      model.watch(
          append,
          sim.journal.append(
              append.payload, 0, append.payload.length, append.recordCount, append.note));
    }
  }

  private void step() {
    sim.step();
    note("step");
    if (!hadFault) {
      model.acknowledgedInFile.addAll(pendingAcks);
      pendingAcks = new HashSet<>();
    }
  }

  /** A consumer that keeps up has segments freed and used again; one that does not, a backlog. */
  private void consume() {
    poll();
    for (int i = 0; isEager && i < 20 && !leases.isEmpty(); i++) {
      acknowledgeAll(leases.size() - 1);
      poll();
    }
  }

  private void poll() {
    Lease lease = sim.journal.poll(1 + random.nextInt(40), random.nextInt(20_000));
    if (lease != null) {
      note("poll " + lease.laneIndex() + ": " + lease.firstSequence() + " +" + lease.recordCount());
      List<SimModel.Delivery> deliveries = model.read(lease);
      for (SimModel.Delivery delivery : deliveries) {
        SimInvariants.AcknowledgedIsNotRedelivered.check(remembered, delivery);
      }
      leases.add(lease);
      leased.add(deliveries);
      leasedAcks.add(new HashSet<>());
    }
  }

  private void acknowledge() {
    if (leases.isEmpty()) {
      return;
    }
    int which = random.nextInt(leases.size());
    Lease lease = leases.get(which);
    int from = 0;
    int to = lease.recordCount();
    if (random.nextInt(3) == 0) {
      from = random.nextInt(lease.recordCount());
      to = from + random.nextInt(lease.recordCount() - from + 1);
    }
    acknowledge(which, from, to);
  }

  private void acknowledgeAll(int which) {
    acknowledge(which, 0, leases.get(which).recordCount());
  }

  private void acknowledge(int which, int from, int to) {
    Lease lease = leases.get(which);
    lease.acknowledge(from, to);
    note("acknowledge " + (lease.firstSequence() + from) + " +" + (to - from));
    for (int i = from; i < to; i++) {
      leasedAcks.get(which).add(i);
      long recordId = leased.get(which).get(i).recordId();
      model.acknowledged.add(recordId);
      pendingAcks.add(recordId);
    }
    if (leasedAcks.get(which).size() == lease.recordCount()) {
      forget(which);
    }
  }

  private void release() {
    if (leases.isEmpty()) {
      return;
    }
    int which = random.nextInt(leases.size());
    leases.get(which).release();
    note("release " + leases.get(which).firstSequence());
    for (int i = 0; i < leased.get(which).size(); i++) {
      if (!leasedAcks.get(which).contains(i)) {
        long recordId = leased.get(which).get(i).recordId();
        model.openInThisLife.remove(recordId);
        model.released.add(recordId);
      }
    }
    forget(which);
  }

  private void forget(int which) {
    leases.remove(which);
    leased.remove(which);
    leasedAcks.remove(which);
  }

  private void breakSomething() {
    SimDisk.Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
    if (disks != null && random.nextInt(3) == 0) {
      breakCopy();
      return;
    }
    switch (random.nextInt(6)) {
      case 0 -> disk.failOnce(disk.callCount() + random.nextInt(8), fault);
      case 1 -> disk.failFrom(disk.callCount() + random.nextInt(8), fault);
      case 2 -> disk.powerOffAt(disk.callCount() + random.nextInt(15));
      case 3 -> disk.capacityBytes(disk.usedBytes() + random.nextInt(60_000));
      default -> {
        disk.heal();
        disk.capacityBytes(Long.MAX_VALUE);
        return;
      }
    }
    hadFault = true;
    note("fault " + fault);
    count("faults", 1);
  }

  /** Never the one that has what the other one has not. */
  private void breakCopy() {
    if (random.nextInt(3) == 0) {
      disk.failReads();
      hadFault = true;
      note("reads fail");
    } else if (isEitherDispensable()) {
      wipe();
    }
  }

  private boolean isCatchingUp() {
    return sim.journal.statistics().total(LaneStatistics::bytesToCopy) > 0;
  }

  private void wipe() {
    int which = random.nextInt(2);
    disks.disk(which).wipe();
    count("disks emptied", 1);
    note("wiped disk " + which);
  }

  private boolean isEitherDispensable() {
    try {
      boolean isEither = sim.isInSync();
      for (int i = 0; i < 2; i++) {
        isEither &= disks.disk(i).exists(SimJournal.lane(i).resolve("copy.state"));
        isEither &= disks.disk(i).exists(SimJournal.lane(i).resolve("copy").resolve("copy.state"));
      }
      return isEither;
    } catch (IOException e) {
      return false;
    }
  }

  private void end() {
    boolean isEitherDispensable = disks != null && isEitherDispensable();
    End end = disk.isPowerOff() ? End.POWER_LOSS : ENDS.get(random.nextInt(ENDS.size()));
    if (end == End.CLEAN_STOP) {
      sim.journal.close();
      if (!hadFault) {
        model.acknowledgedInFile.addAll(pendingAcks);
      }
      disk.kill();
    } else if (end == End.KILL) {
      disk.kill();
    } else {
      disk.crash();
    }
    note(end.toString());
    if (isEitherDispensable && random.nextInt(3) == 0) {
      wipe();
    }
    count("ends by " + end.toString().toLowerCase(Locale.ROOT).replace('_', ' '), 1);
    SimInvariants.NoFalseAlarm.check(sim.events);
    disk.capacityBytes(Long.MAX_VALUE);
    // A power loss may take acknowledgements that were not synced: redelivery, not loss. Those that
    // had been remembered once may have been synced or not, so only the latest end counts.
    lastEnd = end;
    remembered = new HashSet<>(model.acknowledgedInFile);
    if (end == End.POWER_LOSS || hadFault) {
      forgetRemembered();
    }
    pendingAcks = new HashSet<>();
    leases.clear();
    leased.clear();
    leasedAcks.clear();
    model.endLife();
    endCount++;
  }

  private void forgetRemembered() {
    remembered = Set.of();
    model.acknowledgedInFile.clear();
  }

  private void drain() {
    sim = opened();
    sim.settle();
    if (disks != null) {
      loseACopyThatIsInSync();
    }
    Set<Long> delivered = new HashSet<>();
    Lease lease = sim.journal.poll(1000, 1 << 20);
    while (lease != null) {
      for (SimModel.Delivery delivery : model.read(lease)) {
        SimInvariants.AcknowledgedIsNotRedelivered.check(remembered, delivery);
        delivered.add(delivery.recordId());
      }
      lease.acknowledge();
      lease = sim.journal.poll(1000, 1 << 20);
    }
    sim.settle();
    noteEvents();
    SimInvariants.NoFalseAlarm.check(sim.events);
    SimInvariants.NoAcknowledgedRecordLost.check(model, delivered);
    SimInvariants.NotedIsKeptAndKeptIsNoted.check(model, notes.noted(), delivered);
    count("notes", notes.noted().size());
    count("appends", model.appends.size());
    count("records handed out at the end", delivered.size());
    sim.journal.close();
    if (sim.journal.recordCount() != 0) {
      throw new AssertionError("recordCount: " + sim.journal.recordCount() + " (expected: 0)");
    }
  }

  /** After a while both copies hold everything, so that either may go. */
  private void loseACopyThatIsInSync() {
    for (int i = 0; i < 5 && !sim.isInSync(); i++) {
      sim.advance(Duration.ofSeconds(3));
      sim.settle();
    }
    SimInvariants.TwoCopiesInTheEnd.check(sim.journal);
    disk.kill();
    wipe();
    sim = opened();
    sim.settle();
  }
}
