/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Facts of the machine that a figure is worth nothing without.
 *
 * @param loadAverage runnable threads over the last minute, before the run began
 */
public record Machine(
    int cores,
    String processor,
    long memoryBytes,
    String fileSystem,
    String kernel,
    String jdk,
    double loadAverage) {

  public static Machine describe(Path directory) throws IOException {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        firstValue("/proc/cpuinfo", "model name"),
        Long.parseLong(firstValue("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "")) * 1024,
        Files.getFileStore(directory).type(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0]));
  }

  private static String firstValue(String file, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "0";
  }
}
