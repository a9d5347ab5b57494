/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time of the whole machine. */
public final class MachineCpu {
  private static final double TICKS_PER_SECOND = 100;

  /** User, nice, system, interrupts, soft interrupts; not idle, not waiting for a disk. */
  private static final int[] BUSY_FIELDS = {1, 2, 3, 6, 7};

  private MachineCpu() {}

  /** Of all cores, since the machine started. */
  public static double busySeconds() throws IOException {
    String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +", -1);
    long ticks = 0;
    for (int field : BUSY_FIELDS) {
      ticks += Long.parseLong(fields[field]);
    }
    return ticks / TICKS_PER_SECOND;
  }
}
