/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.SerializerOptions;
import io.millrace.api.Sink;
import io.millrace.api.TransientException;
import io.millrace.components.serializer.AvroEventSerializerOptions;
import io.millrace.components.serializer.TextSerializerOptions;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToySinkContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileRollSinkTest {
  private static final PathManagerOptions SERIES = new SeriesPathManagerOptions("app-", "log");
  private static final SerializerOptions TEXT = new TextSerializerOptions(true);
  private static final Duration NEVER = Duration.ZERO;

  @TempDir Path directory;

  private final ToySinkContext context = ToySinkContext.named("k1");
  private final List<Sink> started = new ArrayList<>();

  @AfterEach
  void stopSinks() throws Exception {
    for (Sink sink : started) {
      sink.stop();
    }
  }

  private FileRollSinkOptions options(Duration rollInterval, SerializerOptions serializer) {
    return new FileRollSinkOptions(
        directory, SERIES, rollInterval, serializer, 100, true, RetentionOptions.NONE);
  }

  private Sink start(FileRollSinkOptions options, RollDisk disk) throws Exception {
    Sink sink = new FileRollSink(context, options, disk, System::nanoTime, InstantSource.system());
    sink.start();
    started.add(sink);
    return sink;
  }

  private Sink start(Duration rollInterval) throws Exception {
    return start(options(rollInterval, TEXT), new NioRollDisk());
  }

  private static void deliver(Sink sink, EventBatch batch) throws Exception {
    Outcome outcome = sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS);
    assertThat(outcome.isFullyDelivered()).isTrue();
  }

  private long filesClosed() {
    return context.metrics().value("ConnectionClosedCount");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void deliveredEventsAreInTheFileAtOnce() throws Exception {
    Sink sink = start(NEVER);
    deliver(sink, Events.of("one", "two"));
    deliver(sink, Events.of("three"));

    assertThat(files()).hasSize(1);
    assertThat(files().get(0).getFileName().toString()).matches("app-\\d+-1\\.log");
    assertThat(files().get(0)).hasContent("one\ntwo\nthree\n");
  }

  @Test
  void anIdleSinkMakesNoFiles() throws Exception {
    Sink sink = start(Duration.ofMillis(10));
    deliver(sink, EventBatch.EMPTY);
    deliver(sink, Events.of("a"));
    await().until(() -> filesClosed() == 1);
    sink.stop();

    assertThat(files()).hasSize(1);
  }

  @Test
  void aFileIsClosedByTimeWithoutTraffic() throws Exception {
    Sink sink = start(Duration.ofMillis(50));
    deliver(sink, Events.of("a"));

    await().until(() -> filesClosed() == 1);
    deliver(sink, Events.of("b"));

    assertThat(files()).hasSize(2);
    assertThat(files().get(0)).hasContent("a\n");
    assertThat(files().get(1)).hasContent("b\n");
  }

  @Test
  void aMissingDirectoryIsNamedWithTheRemedyAndTheNextStartFindsIt() throws Exception {
    Path missing = directory.resolve("missing");
    Sink sink =
        new FileRollSinkOptions(missing, SERIES, NEVER, TEXT, 100, true, RetentionOptions.NONE)
            .build(ToySinkContext.named("k1"));
    assertThatThrownBy(sink::start)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("does not exist")
        .hasMessageContaining("Make it");
    assertThatThrownBy(() -> sink.deliver(Events.of("a"), Origin.NONE))
        .isInstanceOf(TransientException.class);

    Files.createDirectory(missing);
    sink.start();
    started.add(sink);
    deliver(sink, Events.of("a"));

    assertThat(missing).isDirectoryContaining("glob:**.log");
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsSaid() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    Sink sink =
        new FileRollSinkOptions(file, SERIES, NEVER, TEXT, 100, true, RetentionOptions.NONE)
            .build(ToySinkContext.named("k1"));

    assertThatThrownBy(sink::start).hasMessageContaining("is not a directory");
  }

  @Test
  void deliveriesThatWaitShareOneSync() throws Exception {
    SlowDisk disk = new SlowDisk();
    Sink sink = start(options(NEVER, TEXT), disk);
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    outcomes.add(sink.deliver(Events.numbered(0, 1), Origin.NONE));
    assertThat(disk.inSync.await(60, TimeUnit.SECONDS)).isTrue();
    for (int i = 1; i < sink.maxInFlight(); i++) {
      outcomes.add(sink.deliver(Events.numbered(i, i + 1), Origin.NONE));
    }
    assertThat(outcomes).noneMatch(CompletableFuture::isDone);

    disk.answer.countDown();

    CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    assertThat(disk.syncs).hasValue(2);
    assertThat(Files.readAllLines(files().get(0))).isEqualTo(Events.numbers(0, sink.maxInFlight()));
  }

  @Test
  void aStopWritesWhatIsInFlightAndRefusesWhatComesAfter() throws Exception {
    Sink sink = start(NEVER);
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      outcomes.add(sink.deliver(Events.numbered(i, i + 1), Origin.NONE));
    }

    sink.stop();
    sink.stop();

    assertThat(outcomes)
        .allMatch(outcome -> outcome.isDone() && !outcome.isCompletedExceptionally());
    assertThat(Files.readAllLines(files().get(0))).isEqualTo(Events.numbers(0, 20));
    assertThatThrownBy(() -> sink.deliver(Events.of("x"), Origin.NONE))
        .isInstanceOf(TransientException.class);
  }

  @Test
  void aDiskThatDoesNotAnswerHoldsUpAStopForTwoSecondsOnly() throws Exception {
    SlowDisk disk = new SlowDisk();
    Sink sink = start(options(NEVER, TEXT), disk);
    CompletableFuture<Outcome> begun = sink.deliver(Events.of("a"), Origin.NONE);
    assertThat(disk.inSync.await(60, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Outcome> queued = sink.deliver(Events.of("b"), Origin.NONE);

    sink.stop();

    assertThatThrownBy(begun::get).hasCauseInstanceOf(TransientException.class);
    assertThatThrownBy(queued::get).hasCauseInstanceOf(TransientException.class);
    disk.answer.countDown();
  }

  @Test
  void stoppingASinkThatNeverStartedIsSafe() throws Exception {
    options(NEVER, TEXT).build(ToySinkContext.named("k1")).stop();
  }

  @Test
  void anAvroFileThatIsStillOpenCanBeReadByTheAvroLibrary() throws Exception {
    SerializerOptions avro =
        new AvroEventSerializerOptions(
            io.millrace.api.DataSize.ofBytes(2_048_000),
            AvroEventSerializerOptions.Compression.DEFLATE);
    Sink sink = start(options(NEVER, avro), new NioRollDisk());
    deliver(sink, EventBatch.of(Map.of("host", "web1"), new byte[] {1, 2}));
    deliver(sink, EventBatch.of(Map.of(), new byte[0]));

    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(files().get(0).toFile(), new GenericDatumReader<>())) {
      assertThat(reader.getSchema().getFullName()).isEqualTo("Event");
      GenericRecord first = reader.next();
      assertThat(first.get("headers")).isEqualTo(Map.of(new Utf8("host"), new Utf8("web1")));
      assertThat(first.get("body")).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
      assertThat(reader.next().get("headers")).isEqualTo(Map.of());
      assertThat(reader.hasNext()).isFalse();
    }
  }

  /** The real disk, whose first sync waits for an answer. */
  private static final class SlowDisk implements RollDisk {
    final CountDownLatch inSync = new CountDownLatch(1);
    final CountDownLatch answer = new CountDownLatch(1);
    final AtomicInteger syncs = new AtomicInteger();
    private final RollDisk real = new NioRollDisk();

    @Override
    public String problemWith(Path directory) {
      return real.problemWith(directory);
    }

    @Override
    public RollFile create(Path path) throws IOException {
      RollFile file = real.create(path);
      return new RollFile() {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          file.write(bytes, offset, length);
        }

        @Override
        public void sync() throws IOException {
          syncs.incrementAndGet();
          inSync.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          file.sync();
        }

        @Override
        public void truncate(long length) throws IOException {
          file.truncate(length);
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      real.syncDirectory(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
      real.delete(path);
    }

    @Override
    public FileFacts facts(Path path) throws IOException {
      return real.facts(path);
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
      return real.freeBytes(directory);
    }

    @Override
    public byte[] read(Path path) throws IOException {
      return real.read(path);
    }

    @Override
    public RollFile append(Path path) throws IOException {
      return real.append(path);
    }

    @Override
    public void replace(Path path, byte[] bytes) throws IOException {
      real.replace(path, bytes);
    }
  }
}
