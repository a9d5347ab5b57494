/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.syslog;

import io.millrace.bench.agent.Product;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import io.millrace.bench.report.HotMethods;
import io.millrace.bench.syslog.SyslogReceiver.Behind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One run of one receiver: start, warm up, measure, kill, clear away. */
public final class SyslogTrial {
  private static final int HOT_METHOD_ROWS = 25;

  /** What is compared. */
  public enum Receiver {
    MILLRACE_MEMORY("Millrace, memory channel, null sink"),
    FLUME_MEMORY("Apache Flume 1.11.0, memory channel, null sink"),
    MILLRACE_FILE("Millrace, file channel, null sink"),
    FLUME_FILE("Apache Flume 1.11.0, file channel, null sink"),
    MILLRACE_ROLL("Millrace, memory channel, file_roll sink (synced)"),
    FLUME_ROLL("Apache Flume 1.11.0, memory channel, file_roll sink"),
    MILLRACE_ROLL_UNSYNCED("Millrace, memory channel, file_roll sink, millrace.sync = false"),
    RSYSLOG("rsyslog, imtcp to omfile (not synced)");

    private final String title;

    Receiver(String title) {
      this.title = title;
    }

    public String title() {
      return title;
    }

    SyslogReceiver open(Path directory, Plan plan, List<String> jvm)
        throws IOException, InterruptedException {
      return switch (this) {
        case MILLRACE_MEMORY ->
            SyslogReceiver.agent(Product.MILLRACE, directory, Behind.MEMORY_NULL, jvm);
        case FLUME_MEMORY ->
            SyslogReceiver.agent(Product.FLUME, directory, Behind.MEMORY_NULL, jvm);
        case MILLRACE_FILE ->
            SyslogReceiver.agent(Product.MILLRACE, directory, Behind.FILE_NULL, jvm);
        case FLUME_FILE -> SyslogReceiver.agent(Product.FLUME, directory, Behind.FILE_NULL, jvm);
        case MILLRACE_ROLL ->
            SyslogReceiver.agent(Product.MILLRACE, directory, Behind.MEMORY_ROLL, jvm);
        case FLUME_ROLL -> SyslogReceiver.agent(Product.FLUME, directory, Behind.MEMORY_ROLL, jvm);
        case MILLRACE_ROLL_UNSYNCED ->
            SyslogReceiver.agent(Product.MILLRACE, directory, Behind.MEMORY_ROLL_UNSYNCED, jvm);
        case RSYSLOG -> SyslogReceiver.rsyslog(directory, plan.messageBytes());
      };
    }
  }

  /** What is the same for all runs. */
  public record Plan(
      int warmUpSeconds,
      int measuredSeconds,
      int connections,
      int messageBytes,
      List<String> jvmOptions,
      boolean isRecording) {}

  /**
   * One receiver, measured once.
   *
   * @param receiverCores processor time of the receiver by time
   */
  public record Measurement(
      Receiver receiver,
      int round,
      double messagesPerSecond,
      double microsecondsPerMessage,
      double receiverCores,
      double loadCores,
      long peakRssBytes) {}

  private SyslogTrial() {}

  public static Measurement run(Receiver receiver, int round, Plan plan)
      throws IOException, InterruptedException {
    Path directory = BenchDirectories.fresh("syslog-" + receiver.name().toLowerCase(Locale.ROOT));
    BenchDirectories.settle();
    List<String> jvm = new ArrayList<>(plan.jvmOptions());
    Path recording = BenchDirectories.root().resolve("bench/target/jfr/" + receiver + ".jfr");
    if (plan.isRecording()) {
      Files.createDirectories(recording.getParent());
      jvm.add("-XX:StartFlightRecording=settings=profile,filename=" + recording);
    }
    Measurement measurement;
    Instant from;
    try (SyslogReceiver open = receiver.open(directory, plan, jvm);
        SyslogLoad load =
            SyslogLoad.start(open.address(), plan.connections(), plan.messageBytes())) {
      Pause.of(Duration.ofSeconds(plan.warmUpSeconds()));
      load.check();
      from = Instant.now();
      long startNanos = System.nanoTime();
      long messages = open.messages();
      double cpu = open.facts().cpuSeconds();
      double loadCpu = load.cpuSeconds();
      Pause.of(Duration.ofSeconds(plan.measuredSeconds()));
      load.check();
      double arrived = open.messages() - messages;
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      double used = open.facts().cpuSeconds() - cpu;
      measurement =
          new Measurement(
              receiver,
              round,
              arrived / seconds,
              used / arrived * 1e6,
              used / seconds,
              (load.cpuSeconds() - loadCpu) / seconds,
              open.facts().peakRssBytes());
      if (plan.isRecording() && receiver != Receiver.RSYSLOG) {
        dump(open.facts().pid(), recording);
      }
    }
    BenchDirectories.delete(directory);
    if (plan.isRecording() && receiver != Receiver.RSYSLOG) {
      System.out.println(HotMethods.read(recording, from, Instant.now()).markdown(HOT_METHOD_ROWS));
    }
    return measurement;
  }

  private static void dump(long pid, Path recording) throws IOException, InterruptedException {
    new ProcessBuilder("jcmd", Long.toString(pid), "JFR.dump", "filename=" + recording)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
