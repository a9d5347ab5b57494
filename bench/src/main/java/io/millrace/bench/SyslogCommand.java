/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.report.Report;
import io.millrace.bench.report.Spread;
import io.millrace.bench.syslog.SyslogTrial;
import io.millrace.bench.syslog.SyslogTrial.Measurement;
import io.millrace.bench.syslog.SyslogTrial.Receiver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Syslog over TCP: Millrace, Flume and rsyslog in turn under the same senders, counted where the
 * messages arrive.
 */
@Command(
    name = "syslog",
    description = "syslog over TCP into Millrace, Flume and rsyslog (which is to be installed).")
final class SyslogCommand implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "3", description = "Of each (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--seconds", defaultValue = "5", description = "Measured (${DEFAULT-VALUE}).")
  private int measuredSeconds;

  @Option(names = "--warm-up", defaultValue = "5", description = "Seconds (${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(names = "--connections", defaultValue = "4", description = "(${DEFAULT-VALUE}).")
  private int connections;

  @Option(names = "--bytes", defaultValue = "200", description = "A message (${DEFAULT-VALUE}).")
  private int messageBytes;

  @Option(names = "--heap", defaultValue = "1g", description = "Of each JVM (${DEFAULT-VALUE}).")
  private String heap;

  @Option(
      names = "--receivers",
      split = ",",
      defaultValue =
          "MILLRACE_MEMORY,FLUME_MEMORY,MILLRACE_FILE,FLUME_FILE,MILLRACE_ROLL,FLUME_ROLL,"
              + "MILLRACE_ROLL_UNSYNCED,RSYSLOG",
      description = "Of ${COMPLETION-CANDIDATES} (all).")
  private Set<Receiver> receivers = EnumSet.noneOf(Receiver.class);

  @Option(names = "--jfr", description = "Record each agent with JFR, and print its hot methods.")
  private boolean isRecording;

  @Option(names = "--name", defaultValue = "syslog", description = "Of the result files.")
  private String name;

  @Override
  public Integer call() throws Exception {
    SyslogTrial.Plan plan =
        new SyslogTrial.Plan(
            warmUpSeconds,
            measuredSeconds,
            connections,
            messageBytes,
            List.of("-Xmx" + heap),
            isRecording);
    String conditions =
        String.format(
            Locale.ROOT,
            "%d connections send messages of %d bytes (RFC 3164, line feeds) as fast as they are"
                + " taken; counted is what arrived at the sink, or in the file of rsyslog. Warm-up"
                + " %d s, then %d s measured; agents with -Xmx%s; %d rounds in turn; median (lowest"
                + " to highest).",
            connections,
            messageBytes,
            warmUpSeconds,
            measuredSeconds,
            heap,
            rounds);
    return Reports.measure(
        name,
        conditions,
        plan,
        disk -> {
          List<Measurement> measurements = new ArrayList<>();
          for (int round = 1; round <= rounds; round++) {
            List<Receiver> turn = new ArrayList<>(receivers);
            if (round % 2 == 0) {
              Collections.reverse(turn);
            }
            for (Receiver receiver : turn) {
              Measurement measured = SyslogTrial.run(receiver, round, plan);
              measurements.add(measured);
              System.out.printf(
                  Locale.ROOT, "%s: %,.0f messages/s%n", receiver, measured.messagesPerSecond());
            }
          }
          return List.of(
              new Report.Section("Syslog over TCP", table(measurements), plan, measurements));
        });
  }

  private String table(List<Measurement> measurements) {
    StringBuilder text =
        new StringBuilder(
            "| receiver | messages/s | CPU µs a message | cores of the receiver | cores of the load"
                + " | peak memory MiB |\n|---|---:|---:|---:|---:|---:|\n");
    for (Receiver receiver : receivers) {
      List<Measurement> of = measurements.stream().filter(m -> m.receiver() == receiver).toList();
      text.append("| ").append(receiver.title());
      text.append(" | ").append(Spread.of(of, Measurement::messagesPerSecond).text("%,.0f"));
      text.append(" | ").append(Spread.of(of, Measurement::microsecondsPerMessage).text("%.2f"));
      text.append(" | ").append(Spread.of(of, Measurement::receiverCores).text("%.2f"));
      text.append(" | ").append(Spread.of(of, Measurement::loadCores).text("%.2f"));
      text.append(" | ").append(Spread.of(of, m -> m.peakRssBytes() >> 20).text("%.0f"));
      text.append(" |\n");
    }
    return text.toString();
  }
}
