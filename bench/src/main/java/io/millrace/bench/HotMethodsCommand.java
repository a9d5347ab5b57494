/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.report.HotMethods;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints where a recorded process spent its time. */
@Command(name = "hot-methods", description = "Prints the hot methods of a JFR recording.")
final class HotMethodsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE")
  private Path recording;

  @Option(names = "--rows", defaultValue = "25")
  private int rows;

  @Override
  public Integer call() throws Exception {
    System.out.println(HotMethods.read(recording, Instant.MIN, Instant.MAX).markdown(rows));
    return 0;
  }
}
