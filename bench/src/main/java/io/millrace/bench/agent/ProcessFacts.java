/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What Linux says of a process, under {@code /proc}. Immutable. */
public record ProcessFacts(long pid) {
  /** USER_HZ, which is 100 on every Linux of the platforms that Java 17 runs on. */
  private static final double TICKS_PER_SECOND = 100;

  // Places in the stat line, counted after the closing bracket of the command's name.
  private static final int USER_TIME_FIELD = 11;
  private static final int SYSTEM_TIME_FIELD = 12;

  /** User and system time of all its threads so far. */
  public double cpuSeconds() throws IOException {
    return cpuSeconds(Path.of("/proc", Long.toString(pid), "stat"));
  }

  /** Peak resident memory. */
  public long peakRssBytes() throws IOException {
    return statusBytes("VmHWM:");
  }

  /** Resident memory now. */
  public long rssBytes() throws IOException {
    return statusBytes("VmRSS:");
  }

  private long statusBytes(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no " + name + " of process " + pid);
  }

  /** CPU seconds by thread name; the digits of names are folded, so that pools show as one. */
  public Map<String, Double> cpuSecondsByThread() throws IOException {
    Map<String, Double> seconds = new TreeMap<>();
    List<Path> tasks;
    try (Stream<Path> list = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      tasks = list.collect(Collectors.toList());
    }
    for (Path task : tasks) {
      try {
        String name = Files.readString(task.resolve("comm")).strip().replaceAll("[0-9]+", "N");
        seconds.merge(name, cpuSeconds(task.resolve("stat")), Double::sum);
      } catch (NoSuchFileException e) {
        // It ended between the listing and here.
      }
    }
    return seconds;
  }

  private static double cpuSeconds(Path stat) throws IOException {
    String line = Files.readString(stat);
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    long ticks =
        Long.parseLong(fields[USER_TIME_FIELD]) + Long.parseLong(fields[SYSTEM_TIME_FIELD]);
    return ticks / TICKS_PER_SECOND;
  }
}
