/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** All that one command measured, as a page to read and as data. Immutable. */
record Report(
    Machine machine,
    Trial.Plan plan,
    DiskProbe.Result diskBefore,
    DiskProbe.Result diskAfter,
    List<Section> sections) {

  /** All rounds under one load. */
  record Section(Scenario scenario, List<Measurement> measurements) {}

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("Machine: ").append(Tables.machine(machine)).append("\n\n");
    text.append("Each figure: warm-up ")
        .append(plan.warmUp().toSeconds())
        .append(" s, then ")
        .append(plan.measured().toSeconds())
        .append(" s measured; agents started with ")
        .append(String.join(" ", plan.jvmOptions()))
        .append("; median of the rounds (lowest to highest).\n\n");
    text.append("Disk before the runs: ").append(Tables.disk(diskBefore)).append("  \n");
    text.append("Disk after the runs: ").append(Tables.disk(diskAfter)).append("\n");
    for (Section section : sections) {
      text.append("\n").append(Tables.section(section, diskBefore));
    }
    return text.toString();
  }

  void write(Path directory, String name) throws IOException {
    Files.writeString(directory.resolve(name + ".md"), markdown());
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    Files.writeString(
        directory.resolve(name + ".json"),
        json.writeValueAsString(
                java.util.Map.of(
                    "machine", machine,
                    "warmUpSeconds", plan.warmUp().toSeconds(),
                    "measuredSeconds", plan.measured().toSeconds(),
                    "jvmOptions", plan.jvmOptions(),
                    "diskBefore", diskBefore,
                    "diskAfter", diskAfter,
                    "sections", sections))
            + "\n");
  }
}
