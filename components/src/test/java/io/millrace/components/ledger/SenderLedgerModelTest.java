/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The ledger beside a model that keeps each sequence by itself. */
class SenderLedgerModelTest {
  private static final UUID JOURNAL = new UUID(7, 8);

  /** What happens to the ledger. */
  sealed interface Step {
    /** A sender sends a run. */
    record Send(int lane, long first, int count, long session, long floorBelow, boolean isFresh)
        implements Step {}

    /** One of the appends under way ends. */
    record End(int which, boolean isStored) implements Step {}

    /** The process ends; what was recorded comes back from a digest and the notes after it. */
    record Crash() implements Step {}

    /** A digest is taken: later notes come on top of it. */
    record Digest() implements Step {}
  }

  /** The same as the ledger, one sequence at a time. */
  private static final class Model {
    final Map<Integer, Set<Long>> had = new TreeMap<>();
    final Set<Integer> contested = new HashSet<>();

    /** Of these, what a note or a digest says. */
    final Set<Integer> storedContests = new HashSet<>();

    final List<SenderNote> recorded = new ArrayList<>();
    final List<SenderNote> claimed = new ArrayList<>();
    final List<SenderNote> refused = new ArrayList<>();

    boolean isHad(int lane, long sequence) {
      return had.getOrDefault(lane, Set.of()).contains(sequence);
    }

    /** 0 not had, 1 had, 2 and up: under way, by which claim. */
    int state(int lane, long sequence) {
      if (isHad(lane, sequence)) {
        return 1;
      }
      for (int i = 0; i < claimed.size(); i++) {
        SenderNote claim = claimed.get(i);
        if (claim.lane() == lane && claim.first() <= sequence && sequence < claim.end()) {
          return 2 + i;
        }
      }
      return 0;
    }

    boolean provesTwoWriters(Origin origin) {
      for (SenderNote late : refused) {
        if (late.lane() == origin.lane()
            && late.session() == origin.session()
            && late.first() < origin.end()
            && origin.first() < late.end()) {
          return true;
        }
      }
      List<SenderNote> own = new ArrayList<>(List.of(SenderNote.of(origin, false)));
      Map<Long, List<SenderNote>> others = new TreeMap<>();
      for (SenderNote note : recorded) {
        if (note.lane() == origin.lane()) {
          (note.session() == origin.session()
                  ? own
                  : others.computeIfAbsent(note.session(), s -> new ArrayList<>()))
              .add(note);
        }
      }
      return others.values().stream()
          .anyMatch(other -> end(own) > freshFirst(other) && end(other) > freshFirst(own));
    }

    /** Whether the run is new to the sender, and not to the channel. */
    boolean isLate(Origin origin, int state) {
      if (!origin.isFresh()) {
        return false;
      }
      if (state > 1) {
        SenderNote claim = claimed.get(state - 2);
        return claim.isFresh() || claim.session() != origin.session();
      }
      List<SenderNote> retries =
          recorded.stream()
              .filter(n -> n.lane() == origin.lane() && n.session() == origin.session())
              .filter(n -> !n.isFresh())
              .toList();
      long first = retries.stream().mapToLong(SenderNote::first).min().orElse(Long.MAX_VALUE);
      return origin.first() < first || origin.end() > end(retries);
    }

    private static long end(List<SenderNote> notes) {
      return notes.stream().mapToLong(SenderNote::end).max().orElse(0);
    }

    private static long freshFirst(List<SenderNote> notes) {
      return notes.stream()
          .filter(SenderNote::isFresh)
          .mapToLong(SenderNote::first)
          .min()
          .orElse(Long.MAX_VALUE);
    }

    void record(SenderNote note) {
      recorded.add(note);
      if (note.isContested()) {
        contested.add(note.lane());
        storedContests.add(note.lane());
      }
      Set<Long> set = had.computeIfAbsent(note.lane(), lane -> new HashSet<>());
      for (long s = 0; s < note.floor(); s++) {
        set.add(s);
      }
      for (long s = note.first(); s < note.end(); s++) {
        set.add(s);
      }
    }
  }

  @Property(tries = 2000)
  void theLedgerSaysWhatTheModelSays(@ForAll("steps") List<Step> steps) {
    SenderLedger ledger = newLedger();
    Model model = new Model();
    List<Claim> open = new ArrayList<>();
    List<byte[]> notesSince = new ArrayList<>();
    byte[] digest = ledger.digest();
    for (Step step : steps) {
      if (step instanceof Step.Send send) {
        Claim claim = send(ledger, model, origin(send));
        if (claim != null) {
          open.add(claim);
        }
      } else if (step instanceof Step.End end && !open.isEmpty()) {
        Claim claim = open.remove(end.which() % open.size());
        model.claimed.remove(claim.note());
        if (end.isStored()) {
          ledger.record(claim.note());
          model.record(claim.note());
          notesSince.add(claim.encodedNote());
        }
        claim.settle();
        assertThat(claim.settled()).isDone();
      } else if (step instanceof Step.Digest) {
        digest = ledger.digest();
        notesSince.clear();
        model.storedContests.addAll(model.contested);
      } else if (step instanceof Step.Crash) {
        ledger = recovered(digest, notesSince);
        open.clear();
        model.claimed.clear();
        model.refused.clear();
        model.contested.retainAll(model.storedContests);
      }
    }
  }

  private static SenderLedger newLedger() {
    return new SenderLedger(LedgerLimits.inMemory());
  }

  private static SenderLedger recovered(byte[] digest, List<byte[]> notes) {
    SenderLedger ledger = newLedger();
    try {
      for (byte[] note : notes) {
        ledger.record(note);
      }
      ledger.merge(digest);
    } catch (UnreadableLedgerException e) {
      throw new AssertionError(e);
    }
    return ledger;
  }

  private static Origin origin(Step.Send send) {
    long floor = Math.max(0, send.first() - send.floorBelow());
    return new Origin(
        JOURNAL,
        send.lane(),
        send.first(),
        send.count(),
        send.session(),
        floor,
        send.isFresh(),
        "");
  }

  /** Sends to both and compares; the claim, if that is what it comes to. */
  private static Claim send(SenderLedger ledger, Model model, Origin origin) {
    int lane = origin.lane();
    Verdict verdict = ledger.judge(origin);
    if (!model.contested.contains(lane) && model.provesTwoWriters(origin)) {
      model.contested.add(lane);
      assertThat(verdict).isInstanceOf(Claim.class);
      assertThat(((Claim) verdict).isFirstContest()).isTrue();
    }
    if (model.contested.contains(lane)) {
      assertThat(((Claim) verdict).note().isContested()).isTrue();
      return (Claim) verdict;
    }
    List<Long> cuts = new ArrayList<>();
    for (long s = origin.first() + 1; s < origin.end(); s++) {
      if (model.state(lane, s) != model.state(lane, s - 1)) {
        cuts.add(s);
      }
    }
    int state = model.state(lane, origin.first());
    if (!cuts.isEmpty()) {
      assertThat(verdict).isEqualTo(new Verdict.Partly(cuts));
    } else if (state > 0 && model.isLate(origin, state)) {
      assertThat(verdict).isEqualTo(Verdict.LATE);
      model.refused.add(SenderNote.of(origin, false));
    } else if (state == 1) {
      assertThat(verdict).isEqualTo(Verdict.HAD);
    } else if (state > 1) {
      assertThat(verdict).isInstanceOf(Verdict.UnderWay.class);
      assertThat(((Verdict.UnderWay) verdict).settled()).isNotDone();
    } else {
      assertThat(verdict).isInstanceOf(Claim.class);
      model.claimed.add(((Claim) verdict).note());
      return (Claim) verdict;
    }
    return null;
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Step> send =
        Combinators.combine(
                Arbitraries.integers().between(0, 1),
                Arbitraries.longs().between(0, 60),
                Arbitraries.integers().between(1, 12),
                Arbitraries.longs().between(1, 3),
                Arbitraries.longs().between(0, 60),
                Arbitraries.frequency(
                    net.jqwik.api.Tuple.of(9, false), net.jqwik.api.Tuple.of(1, true)))
            .as(Step.Send::new);
    Arbitrary<Step> end =
        Combinators.combine(Arbitraries.integers().between(0, 20), Arbitraries.of(true, false))
            .as(Step.End::new);
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(10, send),
            net.jqwik.api.Tuple.of(8, end),
            net.jqwik.api.Tuple.of(1, Arbitraries.just((Step) new Step.Digest())),
            net.jqwik.api.Tuple.of(1, Arbitraries.just((Step) new Step.Crash())))
        .list()
        .ofMaxSize(60);
  }
}
