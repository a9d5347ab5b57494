/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where a recorded process was when JFR looked at it. Java samples are of threads that ran Java
 * code, native samples of threads inside a native method, be it busy or blocked there.
 */
public final class HotMethods {
  private final Counts javaTop = new Counts();
  private final Counts javaAnywhere = new Counts();
  private final Counts nativeTop = new Counts();
  private final Counts javaThreads = new Counts();
  private final Counts allocations = new Counts();
  private double gcPauseMillis;
  private long gcCount;

  private HotMethods() {}

  /** What was recorded in {@code [from, to)}. */
  public static HotMethods read(Path recording, Instant from, Instant to) throws IOException {
    HotMethods hot = new HotMethods();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (!event.getStartTime().isBefore(from) && event.getStartTime().isBefore(to)) {
          hot.add(event);
        }
      }
    }
    return hot;
  }

  private void add(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case "jdk.ExecutionSample" -> {
        List<RecordedFrame> frames = frames(event);
        if (!frames.isEmpty()) {
          javaTop.add(name(frames.get(0)), 1);
          javaThreads.add(thread(event.getThread("sampledThread")), 1);
          Set<String> seen = new HashSet<>();
          for (RecordedFrame frame : frames) {
            if (isOfProduct(frame) && seen.add(name(frame))) {
              javaAnywhere.add(name(frame), 1);
            }
          }
        }
      }
      case "jdk.NativeMethodSample" -> {
        List<RecordedFrame> frames = frames(event);
        if (!frames.isEmpty()) {
          nativeTop.add(name(frames.get(0)) + " in " + thread(event.getThread("sampledThread")), 1);
        }
      }
      case "jdk.ObjectAllocationSample" -> {
        List<RecordedFrame> frames = frames(event);
        String site = frames.isEmpty() ? "?" : name(firstOfOurs(frames));
        String type = event.getClass("objectClass").getName();
        allocations.add(type + " by " + site, event.getLong("weight"));
      }
      case "jdk.GarbageCollection" -> {
        gcCount++;
        gcPauseMillis += event.getDuration("sumOfPauses").toNanos() / 1e6;
      }
      default -> {}
    }
  }

  private static List<RecordedFrame> frames(RecordedEvent event) {
    RecordedStackTrace trace = event.getStackTrace();
    return trace == null ? List.of() : trace.getFrames();
  }

  /** The frame below library code, which says more than {@code Arrays.copyOf} does. */
  private static RecordedFrame firstOfOurs(List<RecordedFrame> frames) {
    for (RecordedFrame frame : frames) {
      String type = frame.getMethod().getType().getName();
      if (!type.startsWith("java.") && !type.startsWith("jdk.")) {
        return frame;
      }
    }
    return frames.get(0);
  }

  private static boolean isOfProduct(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    return type.startsWith("io.millrace.")
        || type.startsWith("org.apache.flume.")
        || type.startsWith("org.apache.avro.");
  }

  private static String name(RecordedFrame frame) {
    RecordedMethod method = frame.getMethod();
    String type = method.getType().getName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + method.getName();
  }

  private static String thread(RecordedThread thread) {
    if (thread == null) {
      return "?";
    }
    String name = thread.getJavaName() == null ? thread.getOSName() : thread.getJavaName();
    return name.replaceAll("[0-9]+", "N");
  }

  public String markdown(int rows) {
    return "Java samples by method\n\n"
        + javaTop.table(rows)
        + "\nJava samples by method of the product, with all that it called\n\n"
        + javaAnywhere.table(rows, javaTop.total)
        + "\nJava samples by thread\n\n"
        + javaThreads.table(rows)
        + "\nSamples in native methods (busy or blocked)\n\n"
        + nativeTop.table(rows)
        + "\nBytes allocated\n\n"
        + allocations.table(rows)
        + String.format(
            Locale.ROOT, "%nGarbage collections: %d, %.0f ms in all%n", gcCount, gcPauseMillis);
  }

  /** Weights by name. Confined to one thread. */
  private static final class Counts {
    private final Map<String, Long> counts = new HashMap<>();
    private long total;

    void add(String name, long weight) {
      counts.merge(name, weight, Long::sum);
      total += weight;
    }

    String table(int rows) {
      return table(rows, total);
    }

    /** Shares of another total, where a sample counts under several names. */
    String table(int rows, long total) {
      StringBuilder text = new StringBuilder("| share | |\n|---:|---|\n");
      new TreeMap<>(counts)
          .entrySet().stream()
              .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
              .limit(rows)
              .forEach(
                  e ->
                      text.append(
                          String.format(
                              Locale.ROOT,
                              "| %.1f %% | `%s` |%n",
                              100.0 * e.getValue() / total,
                              e.getKey())));
      return text.toString();
    }
  }
}
