/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.Product;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import io.millrace.bench.report.ComparisonTable;
import io.millrace.bench.report.Descriptions;
import io.millrace.bench.report.HotMethods;
import io.millrace.bench.report.Report;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A source that reads a big file into a file channel, from the first lines that are seen there to
 * the last, or for a limited time; a null sink empties the channel.
 */
public record FileReading(
    Product product,
    int round,
    double seconds,
    long lines,
    long linesLeft,
    double linesPerSecond,
    double cpuSecondsPerMillionLines,
    long peakRssBytes) {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final int HOT_METHOD_ROWS = 25;

  /** How the file is read. */
  public enum Reader {
    TAILDIR,
    SPOOLDIR
  }

  /**
   * What is the same for all rounds.
   *
   * @param lineBytes without the line feed
   */
  public record Plan(
      Reader reader,
      long lines,
      int lineBytes,
      int batchSize,
      int limitSeconds,
      List<String> jvmOptions,
      boolean isRecording) {
    /** In a few words. */
    public String title() {
      return String.format(
          Locale.ROOT,
          "%s: %,d lines of %d bytes, batches of %,d",
          reader.name().toLowerCase(Locale.ROOT),
          lines,
          lineBytes,
          batchSize);
    }
  }

  /** Writes the file anew and has it read. */
  public static FileReading measure(Plan plan, Product product, int round)
      throws IOException, InterruptedException {
    String name = product.slug() + "-" + plan.reader().name().toLowerCase(Locale.ROOT);
    Path directory = BenchDirectories.fresh(name);
    Path files = Files.createDirectories(directory.resolve("files"));
    write(files.resolve("app.log"), plan);
    BenchDirectories.settle();
    Flow.Source source =
        switch (plan.reader()) {
          case TAILDIR -> new Flow.FollowedFiles(files, plan.batchSize());
          case SPOOLDIR -> new Flow.SpooledFiles(files, plan.batchSize());
        };
    List<String> jvmOptions = new ArrayList<>(plan.jvmOptions());
    Path recording = BenchDirectories.root().resolve("bench/target/jfr/" + name + ".jfr");
    if (plan.isRecording()) {
      Files.createDirectories(recording.getParent());
      jvmOptions.add(
          "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + recording);
    }
    Flow flow = new Flow(directory, source, 0, 20_000_000, Flow.Channel.FILE, new Flow.NullSink());
    Instant from = Instant.now();
    FileReading reading;
    try (AgentProcess agent = AgentProcess.launch(product, flow, jvmOptions)) {
      reading = measure(plan, product, round, agent);
      if (plan.isRecording()) {
        agent.stop();
      }
    }
    if (plan.isRecording()) {
      System.out.println(HotMethods.read(recording, from, Instant.now()).markdown(HOT_METHOD_ROWS));
    }
    BenchDirectories.delete(directory);
    return reading;
  }

  private static FileReading measure(Plan plan, Product product, int round, AgentProcess agent)
      throws IOException, InterruptedException {
    Moment first = awaitFirst(agent);
    long deadlineNanos = first.nanos + Duration.ofSeconds(plan.limitSeconds()).toNanos();
    Moment last = first;
    while (last.lines < plan.lines() && System.nanoTime() - deadlineNanos < 0) {
      Pause.of(POLL_INTERVAL);
      agent.requireAlive();
      last = Moment.of(agent);
    }
    long lines = last.lines - first.lines;
    if (lines == 0) {
      throw new IOException(
          first.lines + " lines had been read when the first was seen, and none after that");
    }
    double seconds = (last.nanos - first.nanos) / 1e9;
    return new FileReading(
        product,
        round,
        seconds,
        lines,
        plan.lines() - last.lines,
        lines / seconds,
        (last.cpuSeconds - first.cpuSeconds) / lines * 1e6,
        agent.facts().peakRssBytes());
  }

  private static void write(Path file, Plan plan) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      byte[] line = "x".repeat(plan.lineBytes()).getBytes(StandardCharsets.US_ASCII);
      for (long i = 0; i < plan.lines(); i++) {
        byte[] number = Long.toString(i).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(number, 0, line, 0, Math.min(number.length, line.length));
        out.write(line);
        out.write('\n');
      }
    }
  }

  /** The moment at which lines are seen first: what was read until then is not counted. */
  private static Moment awaitFirst(AgentProcess agent) throws IOException, InterruptedException {
    while (true) {
      try {
        Moment moment = Moment.of(agent);
        if (moment.lines > 0) {
          return moment;
        }
      } catch (IOException e) {
        agent.requireAlive(); // no metrics yet
      }
      if (agent.age().compareTo(START_LIMIT) > 0) {
        throw new IOException("nothing was read within " + START_LIMIT + " of the start");
      }
      Pause.of(POLL_INTERVAL);
    }
  }

  private record Moment(long nanos, long lines, double cpuSeconds) {
    static Moment of(AgentProcess agent) throws IOException, InterruptedException {
      AgentProcess.ChannelMetrics metrics = agent.channelMetrics();
      return new Moment(System.nanoTime(), metrics.eventsPut(), agent.facts().cpuSeconds());
    }
  }

  /** What a console shows of it. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "files round %d %-20s %,10.0f lines/s, %,d lines in %.2f s, %,d left",
        round,
        product.title(),
        linesPerSecond,
        lines,
        seconds,
        linesLeft);
  }

  public static Report.Section section(Plan plan, List<FileReading> readings) {
    ComparisonTable<FileReading> table =
        new ComparisonTable<>(readings, FileReading::product)
            .row("lines/s read", "%,.0f", FileReading::linesPerSecond)
            .row("lines counted", "%,.0f", FileReading::lines)
            .row("lines left when time was up", "%,.0f", FileReading::linesLeft)
            .row("CPU seconds per million lines", "%.2f", FileReading::cpuSecondsPerMillionLines)
            .row("peak RSS, MiB", "%,.0f", r -> r.peakRssBytes / Descriptions.MIB);
    return new Report.Section(plan.title(), table.markdown(), plan, readings);
  }
}
