/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import io.millrace.bench.machine.DiskProbe;
import io.millrace.bench.machine.Machine;
import java.util.Locale;

/** Facts as sentences. */
public final class Descriptions {
  public static final double MIB = 1024 * 1024;

  private Descriptions() {}

  public static String machine(Machine machine) {
    return String.format(
        Locale.ROOT,
        "%d cores (%s), %.0f GiB memory, %s, %s, %s; load average before: %.2f.",
        machine.cores(),
        machine.processor(),
        machine.memoryBytes() / MIB / 1024,
        machine.fileSystem(),
        machine.kernel(),
        machine.jdk(),
        machine.loadAverage());
  }

  public static String disk(DiskProbe.Result disk) {
    return String.format(
        Locale.ROOT,
        "%,.0f synced writes of 4 KiB a second, %,.0f of 512 KiB, %,.0f MiB/s in synced writes of"
            + " 4 MiB (fdatasync, over allocated blocks, one after the other).",
        disk.syncs4KiBPerSecond(),
        disk.syncs512KiBPerSecond(),
        disk.bytesPerSecond() / MIB);
  }
}
