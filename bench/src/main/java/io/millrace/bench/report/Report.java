/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.millrace.bench.machine.DiskProbe;
import io.millrace.bench.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All that one command measured, as a page to read and as data. Immutable.
 *
 * @param conditions a sentence or two: what was the same for all rounds
 * @param settings the same as data
 */
public record Report(
    Machine machine,
    String conditions,
    Object settings,
    DiskProbe.Result diskBefore,
    DiskProbe.Result diskAfter,
    List<Section> sections) {

  /**
   * One thing that was measured.
   *
   * @param text a Markdown table, and what is said below it
   * @param subject what is different from section to section, as data
   * @param measurements every round
   */
  public record Section(
      String title, @JsonIgnore String text, Object subject, List<?> measurements) {}

  public String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("Machine: ").append(Descriptions.machine(machine)).append("\n\n");
    text.append(conditions).append("\n\n");
    text.append("Disk before the runs: ").append(Descriptions.disk(diskBefore)).append("  \n");
    text.append("Disk after the runs: ").append(Descriptions.disk(diskAfter)).append("\n");
    for (Section section : sections) {
      text.append("\n### ").append(section.title()).append("\n\n").append(section.text());
    }
    return text.toString();
  }

  /** Leaves {@code name.md} and {@code name.json} in {@code directory}. */
  public void write(Path directory, String name) throws IOException {
    Files.writeString(directory.resolve(name + ".md"), markdown());
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    Files.writeString(directory.resolve(name + ".json"), json.writeValueAsString(this) + "\n");
  }
}
