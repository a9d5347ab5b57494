/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventView;
import io.millrace.app.CommandRun;
import io.millrace.app.avroclient.AvroReceiver;
import io.millrace.components.serializer.AvroEventSerializerOptions;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Request;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code millrace replay} against a server in this process. */
@Timeout(300)
class ReplayCommandTest {
  @TempDir private Path temporary;

  private StoredDirectory stored;
  private Path state;

  @BeforeEach
  void makeDirectory() throws Exception {
    stored = new StoredDirectory(Files.createDirectory(temporary.resolve("second")));
    state = temporary.resolve("state.json");
  }

  private CommandRun run(AvroReceiver receiver, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "replay",
                stored.path().toString(),
                "--to",
                "127.0.0.1:" + receiver.port(),
                "--state",
                state.toString(),
                "--retry-for",
                "0"));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private CommandRun dryRun(String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("replay", stored.path().toString(), "--dry-run"), Arrays.stream(more))
            .toArray(String[]::new));
  }

  private static List<String> events(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "event " + i).toList();
  }

  @Test
  void everyFormatComesBackInOrderWithItsHeaders() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 25);
    stored.write(2, StoredDirectory.AVRO, 25, 50);
    stored.write(3, StoredDirectory.avro(AvroEventSerializerOptions.Compression.DEFLATE), 50, 75);
    stored.writeText(4, "event 75\nevent 76\n");
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver);

      assertThat(run.status()).as(run.err() + run.out()).isZero();
      assertThat(run.out()).startsWith("Replayed 77 events").contains("127.0.0.1:");
      assertThat(receiver.bodies).isEqualTo(events(0, 77));
      for (int i = 0; i < 75; i++) {
        assertThat(receiver.headers.get(i))
            .isEqualTo(Map.of("timestamp", i + "000", "n", Integer.toString(i)));
      }
      assertThat(receiver.headers.get(75)).isEmpty();
    }
  }

  @Test
  void headersInTextComeBackWhereThatFormatIsAskedFor() throws Exception {
    stored.writeText(1, "{a=1, b=x, y} one\n{} two\nnone\n");
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver, "--format", "header_and_text");
      assertThat(run.status()).isEqualTo(3);
      assertThat(run.out()).contains("line 3 does not begin with {headers}");
      assertThat(receiver.bodies).containsExactly("one", "two");
      assertThat(receiver.headers).containsExactly(Map.of("a", "1", "b", "x, y"), Map.of());
    }
  }

  @Test
  void onlyTheWindowIsSentByTheTimeOfEachEventAndGetsItsHeader() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 40);
    stored.write(2, StoredDirectory.AVRO, 40, 80);
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run =
          run(
              receiver,
              "--from",
              Instant.ofEpochSecond(33).toString(),
              "--until",
              Instant.ofEpochSecond(52).toString(),
              "--header",
              "replayed=yes",
              "--header",
              "n=x");
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(receiver.bodies).isEqualTo(events(33, 52));
      assertThat(receiver.headers).allMatch(headers -> headers.get("replayed").equals("yes"));
      assertThat(receiver.headers).allMatch(headers -> headers.get("n").equals("x"));
      assertThat(run.out()).contains("left out for their time: 61 events");
    }
  }

  @Test
  void withoutATimestampTheTimeOfTheFileCounts() throws Exception {
    stored.writeText(1, "one\n");
    stored.writeText(7200, "two\n");
    String from = StoredDirectory.OLD.plusSeconds(7000).toString();

    assertThat(dryRun("--from", from).out()).startsWith("Would replay 1 event:");
    assertThat(dryRun("--until", from).out()).startsWith("Would replay 1 event:");
    assertThat(dryRun("--from", StoredDirectory.OLD.plusSeconds(90_000).toString()).out())
        .startsWith("Would replay 0 events:")
        .contains("2 files last written to before that are passed over");
  }

  /** Goal: numbers name events. The server fails again and again; each call goes on. */
  @Test
  void aReplayThatIsBrokenOffGoesOnAndAnEventKeepsItsNumber() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 2500);
    stored.write(2, StoredDirectory.AVRO, 2500, 5000);
    stored.write(3, StoredDirectory.BATCH, 5000, 7003);
    Map<Long, String> bodyByNumber = new ConcurrentHashMap<>();
    List<String> contradictions = new ArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    try (AvroReceiver receiver = new AvroReceiver()) {
      receiver.answers =
          request -> {
            note(request, bodyByNumber, contradictions);
            return calls.incrementAndGet() % 3 == 0 ? Answer.Status.FAILED : Answer.Status.OK;
          };
      CommandRun run = run(receiver, "--from", Instant.ofEpochSecond(5).toString());
      int runs = 1;
      while (run.status() == 1) {
        assertThat(run.err()).contains("The same call goes on behind them");
        run = run(receiver, "--from", Instant.ofEpochSecond(5).toString());
        runs++;
        assertThat(runs).isLessThan(30);
      }
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(runs).isGreaterThan(2);
      assertThat(run.err()).contains("going on with the replay begun");
      assertThat(contradictions).isEmpty();
      assertThat(new TreeMap<>(bodyByNumber).values()).containsExactlyElementsOf(events(5, 7003));
      assertThat(run.out()).contains("with earlier runs 6,998 events");

      CommandRun after = run(receiver, "--from", Instant.ofEpochSecond(5).toString());
      assertThat(after.status()).isZero();
      assertThat(after.err()).contains("completed before, with 6,998 events");
    }
  }

  private static void note(
      Request request, Map<Long, String> bodyByNumber, List<String> contradictions) {
    Map<String, byte[]> metadata = request.metadata();
    long number = ByteBuffer.wrap(metadata.get("millrace.first")).getLong();
    long floor = ByteBuffer.wrap(metadata.get("millrace.floor")).getLong();
    if (floor > number || metadata.get("millrace.fresh")[0] != 0) {
      contradictions.add("floor " + floor + " of " + number);
    }
    for (EventView event : request.batch()) {
      String before = bodyByNumber.put(number, event.bodyText());
      if (before != null && !before.equals(event.bodyText())) {
        contradictions.add(number + ": " + before + " and " + event.bodyText());
      }
      number++;
    }
  }

  @Test
  void anotherWindowInTheSameStateIsRefusedUnlessItBeginsAnew() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 20);
    try (AvroReceiver receiver = new AvroReceiver()) {
      run(receiver, "--until", "1970-01-01T00:00:10Z");
      CommandRun other = run(receiver);
      assertThat(other.status()).isEqualTo(1);
      assertThat(other.err()).contains("is the state of another replay").contains("--again");
      assertThat(receiver.bodies).hasSize(10);

      assertThat(run(receiver, "--again").status()).isZero();
      assertThat(receiver.bodies).hasSize(30);
    }
  }

  @Test
  void aStateThatIsNoneOfOursIsRefusedAndKept() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 20);
    Files.writeString(state, "{ \"mine\": true");
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver);
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("no state of a replay").contains("--state");
      assertThat(state).hasContent("{ \"mine\": true");
    }
  }

  @Test
  void aProgressThatWasTornSendsFromTheBeginningUnderTheSameNumbers() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 20);
    Map<Long, String> bodyByNumber = new ConcurrentHashMap<>();
    List<String> contradictions = new ArrayList<>();
    try (AvroReceiver receiver = new AvroReceiver()) {
      receiver.answers =
          request -> {
            note(request, bodyByNumber, contradictions);
            return Answer.Status.OK;
          };
      run(receiver);
      Files.writeString(temporary.resolve("state.json.progress"), "{\"jour");
      assertThat(run(receiver).status()).isZero();
      assertThat(receiver.bodies).hasSize(40);
      assertThat(bodyByNumber).hasSize(20);
      assertThat(contradictions).isEmpty();
    }
  }

  @Test
  void whatCannotBeReadIsNamedSkippedAndCountedAndNothingElse() throws Exception {
    Path damaged = stored.write(1, StoredDirectory.BATCH, 0, 30);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    StoredDirectory.age(Files.write(damaged, bytes), 1);
    Path avro = stored.write(2, StoredDirectory.AVRO, 30, 60);
    bytes = Files.readAllBytes(avro);
    // The length of the second block.
    bytes[secondBlock(bytes) + 1] ^= 0x7f;
    StoredDirectory.age(Files.write(avro, bytes), 2);
    Path torn = stored.write(3, StoredDirectory.BATCH, 60, 90);
    bytes = Files.readAllBytes(torn);
    StoredDirectory.age(Files.write(torn, Arrays.copyOf(bytes, bytes.length - 5)), 3);
    stored.writeText(4, "event 90\nevent 91\nevent 9");
    Files.writeString(stored.path().resolve("README"), "not events");
    Files.createDirectory(stored.path().resolve("below"));
    Files.writeString(stored.path().resolve(".file_roll.a1.k1.list"), "x\n");
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver);

      assertThat(run.status()).as(run.err() + run.out()).isEqualTo(3);
      assertThat(receiver.bodies)
          .containsAll(events(0, 10))
          .containsAll(events(20, 40))
          .containsAll(events(50, 60))
          .containsAll(events(60, 80))
          .containsAll(events(90, 92))
          .doesNotContain("event 9 ", "not events")
          .doesNotHaveDuplicates();
      assertThat(run.out())
          .contains(StoredDirectory.name(1) + ": damaged from byte")
          .contains("10 events are lost")
          .contains(StoredDirectory.name(2) + ": damaged from byte")
          .contains("how many events stood there is not known")
          .contains(StoredDirectory.name(3) + ": the last ")
          .contains(StoredDirectory.name(4) + ": the last 7 bytes")
          .contains("README: is not a file of events")
          .contains("below: is a directory")
          .doesNotContain("file_roll");
    }
  }

  /** Of an Avro container: behind the marker that ends the first one. */
  private static int secondBlock(byte[] container) {
    byte[] marker = Arrays.copyOfRange(container, container.length - 16, container.length);
    int found = 0;
    for (int at = 0; ; at++) {
      if (Arrays.equals(container, at, at + 16, marker, 0, 16) && ++found == 2) {
        return at + 16;
      }
    }
  }

  @Test
  void aFileThatIsGoneWhenTheReplayGoesOnIsNamed() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 1500);
    Path second = stored.write(2, StoredDirectory.BATCH, 1500, 3000);
    stored.write(3, StoredDirectory.BATCH, 3000, 3010);
    AtomicInteger calls = new AtomicInteger();
    try (AvroReceiver receiver = new AvroReceiver()) {
      receiver.answers =
          request -> calls.incrementAndGet() == 1 ? Answer.Status.OK : Answer.Status.FAILED;
      assertThat(run(receiver).status()).isEqualTo(1);
      Files.delete(second);
      receiver.answers = request -> Answer.Status.OK;
      CommandRun run = run(receiver);
      assertThat(run.status()).isEqualTo(3);
      assertThat(run.out()).contains(second.getFileName() + ": is gone");
      assertThat(receiver.bodies).containsAll(events(0, 1500)).containsAll(events(3000, 3010));
    }
  }

  @Test
  void aFileThatIsBeingWrittenToIsReadAsFarAsItIsWhole() throws Exception {
    Path file = Files.writeString(stored.path().resolve(StoredDirectory.name(1)), "one\ntw");
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver);
      assertThat(run.status()).as(run.out()).isZero();
      assertThat(run.out()).contains(file.getFileName() + ": is being written to; read up to");
      assertThat(receiver.bodies).containsExactly("one");
    }
  }

  @Test
  void theNextServerTakesOver() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 20);
    try (AvroReceiver first = new AvroReceiver();
        AvroReceiver second = new AvroReceiver()) {
      first.answers = request -> Answer.Status.FAILED;
      CommandRun run = run(first, "--to", "127.0.0.1:" + second.port());
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(second.bodies).isEqualTo(events(0, 20));
    }
  }

  @Test
  void aDryRunSendsAndWritesNothing() throws Exception {
    stored.write(1, StoredDirectory.BATCH, 0, 20);
    CommandRun run = dryRun("--state", state.toString());
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("Would replay 20 events: 1 file").contains("in bodies");
    assertThat(state).doesNotExist();
  }

  @Test
  void whatIsNotUnderstoodIsAnswered() throws Exception {
    assertThat(dryRun("--from", "yesterday").err()).contains("--from: 'yesterday' (expected:");
    assertThat(dryRun("--from", "-1h", "--until", "-2h").err()).contains("has to be before");
    assertThat(dryRun("--rate", "fast").err()).contains("--rate: 'fast'");
    CommandRun none = CommandRun.of("replay", stored.path().toString());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("Where to?");
    assertThat(CommandRun.of("replay", "/no/such/place", "--dry-run").err())
        .contains("no such directory");
    try (AvroReceiver receiver = new AvroReceiver()) {
      assertThat(run(receiver, "--to", "nonsense").err()).contains("--to: 'nonsense'");
    }
  }
}
