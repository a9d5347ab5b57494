/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How much of its heap a JVM uses, from its counters in shared memory ({@code jstat -gc}): the
 * agent itself does nothing for it. What is used includes garbage, as of the last allocation of a
 * region.
 */
public final class HeapWatch implements AutoCloseable {
  /** KiB used in the two survivor spaces, the young and the old generation. */
  private static final String[] USED_COLUMNS = {"S0U", "S1U", "EU", "OU"};

  private final Process jstat;
  private volatile OptionalLong usedBytes = OptionalLong.empty();

  private HeapWatch(Process jstat) {
    this.jstat = jstat;
  }

  /** Looks at a JVM of this user from now on, that often. */
  public static HeapWatch start(long pid, Duration interval) throws IOException {
    String jstat = Path.of(System.getProperty("java.home"), "bin", "jstat").toString();
    Process process =
        new ProcessBuilder(jstat, "-gc", Long.toString(pid), interval.toMillis() + "ms")
            .redirectErrorStream(true)
            .start();
    HeapWatch watch = new HeapWatch(process);
    Thread thread = new Thread(watch::read, "heap-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  /** The latest; empty before the first. */
  public OptionalLong usedBytes() {
    return usedBytes;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(jstat.getInputStream(), StandardCharsets.UTF_8))) {
      String header = lines.readLine();
      String line = lines.readLine();
      while (line != null) {
        usedBytes = parse(header, line);
        line = lines.readLine();
      }
    } catch (IOException e) {
      usedBytes = OptionalLong.empty(); // closed
    }
  }

  /** Empty when the columns are not there, as in an error message. */
  static OptionalLong parse(String header, String line) {
    String[] names = header.strip().split("\\s+", -1);
    String[] values = line.strip().split("\\s+", -1);
    if (names.length != values.length) {
      return OptionalLong.empty();
    }
    Map<String, String> byName = new HashMap<>();
    for (int column = 0; column < names.length; column++) {
      byName.put(names[column], values[column]);
    }
    double usedKib = 0;
    for (String column : USED_COLUMNS) {
      String value = byName.get(column);
      if (value == null) {
        return OptionalLong.empty();
      }
      usedKib += value.equals("-") ? 0 : Double.parseDouble(value);
    }
    return OptionalLong.of((long) (usedKib * 1024));
  }

  @Override
  public void close() throws InterruptedException {
    jstat.destroyForcibly();
    jstat.waitFor();
  }
}
