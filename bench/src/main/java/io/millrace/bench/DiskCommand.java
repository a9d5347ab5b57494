/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.DiskProbe;
import io.millrace.bench.machine.Machine;
import io.millrace.bench.report.Descriptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints what a disk can do. */
@Command(name = "disk", description = "Measures synced writes over allocated blocks.")
final class DiskCommand implements Callable<Integer> {
  @Option(names = "--directory", description = "Default: bench/target/run of this checkout.")
  private Path directory;

  @Override
  public Integer call() throws Exception {
    Path at = directory == null ? BenchDirectories.work() : directory;
    Files.createDirectories(at);
    System.out.println(Machine.describe(at));
    System.out.println(Descriptions.disk(DiskProbe.measure(at, Duration.ofSeconds(3))));
    return 0;
  }
}
