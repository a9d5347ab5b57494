/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.DiskProbe;
import io.millrace.bench.machine.Machine;
import io.millrace.bench.report.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The frame in which commands measure. */
final class Reports {
  private static final Duration DISK_PROBE_TIME = Duration.ofSeconds(3);

  private Reports() {}

  /** What a command measures. */
  @FunctionalInterface
  interface Body {
    List<Report.Section> measure(DiskProbe.Result disk) throws Exception;
  }

  /**
   * Measures between two probes of the disk, prints the page and leaves the result files.
   *
   * @param name of the result files
   * @param conditions a sentence or two: what was the same for all rounds
   * @param settings the same as data
   */
  static int measure(String name, String conditions, Object settings, Body body) throws Exception {
    try (AutoCloseable lock = BenchDirectories.lock()) {
      Path work = Files.createDirectories(BenchDirectories.work());
      Machine machine = Machine.describe(work);
      DiskProbe.Result before = DiskProbe.measure(work, DISK_PROBE_TIME);
      List<Report.Section> sections = body.measure(before);
      DiskProbe.Result after = DiskProbe.measure(work, DISK_PROBE_TIME);
      Report report = new Report(machine, conditions, settings, before, after, sections);
      System.out.println(report.markdown());
      report.write(Files.createDirectories(BenchDirectories.results()), name);
      return 0;
    }
  }
}
