/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.Locale;

/** A plan for programs. Stateless. */
final class PlanJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PlanJson() {}

  static String of(CapacityPlan plan) {
    ObjectNode root = JSON.createObjectNode();
    PlanInput input = plan.input();
    root.putObject("input")
        .put("eventsPerSecondOfOneHost", input.rate())
        .put("bodyBytes", input.bodyBytes())
        .put("downtimeSeconds", input.downtimeSeconds())
        .put("hosts", input.hosts())
        .put("sites", input.sites())
        .put("headroom", input.headroom())
        .put("copies", input.copies())
        .put("secondCopySeconds", input.secondCopySeconds())
        .put("compression", input.compression())
        .put("spareCollectors", input.spare())
        .put("eventsOfOneCall", input.batchEvents())
        .put("collectorCores", input.collectorCores())
        .put("networkBitsPerSecond", input.linkBits())
        .put("diskBytesPerSecond", input.diskBytes());
    ObjectNode sections = root.putObject("plan");
    for (Section section : plan.sections()) {
      ObjectNode node = sections.putObject(section.key());
      ObjectNode figures = node.putObject("figures");
      for (Figure figure : section.figures()) {
        ObjectNode line = figures.putObject(figure.key());
        line.put("value", figure.value())
            .put("unit", figure.unit().name().toLowerCase(Locale.ROOT))
            .put("formula", figure.formula());
        figure.constants().stream().distinct().forEach(line.withArray("constants")::add);
      }
      section.settings().forEach(node.withArray("settings")::add);
      section.warnings().forEach(node.withArray("warnings")::add);
    }
    ObjectNode measured = root.putObject("measured").put("machine", plan.measured().machine());
    plan.measured().constants().values().stream()
        .sorted(Comparator.comparing(Measured.Constant::name))
        .forEach(
            constant ->
                measured
                    .putObject(constant.name())
                    .put("value", constant.value())
                    .put("unit", constant.unit())
                    .put("what", constant.what())
                    .put("source", constant.source()));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A plan as JSON", e);
    }
  }
}
