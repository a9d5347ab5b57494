/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.util.Locale;

/** Lines of configuration that follow from a plan. Stateless. */
final class PlanSettings {
  private PlanSettings() {}

  static void add(
      SectionBuilder section,
      PlanInput input,
      Measured measured,
      double backlog,
      double heap,
      double secondDisk) {
    double most = measured.value("capacity");
    // A channel holds a call at the very least; a round number says that it is none to be exact in.
    double wanted = Math.max(10_000, Math.ceil(backlog / 1000) * 1000);
    int channels = (int) Math.min(1000, Math.ceil(wanted / most));
    if (channels > 1) {
      section.warn(
          Units.plain(wanted)
              + " events are more than one file channel counts ("
              + Units.plain(most)
              + "): share them among "
              + channels
              + " channels or agents.");
    }
    section.setting("# JVM: -Xmx" + (long) heap + "m");
    section.setting(
        "a1.channels.c1.capacity = "
            + String.format(Locale.ROOT, "%.0f", Math.min(most, wanted / channels)));
    section.setting(
        "a1.channels.c1.dataDirs = /data/1/c1" + (input.copies() == 2 ? ",/data/2/c1" : ""));
    if (input.copies() == 2) {
      section.setting("a1.channels.c1.millrace.copies = 2");
    }
    if (input.compression() > 1) {
      section.setting("a1.channels.c1.millrace.compression = zstd");
    }
    if (secondDisk > 0) {
      section.setting("a1.sinks.second.sink.serializer = millrace_batch");
      section.setting(
          "a1.sinks.second.millrace.max-age = " + Math.max(1, input.secondCopy().toSeconds()));
      section.setting(
          "a1.sinks.second.millrace.max-total-size = "
              + String.format(Locale.ROOT, "%.0f", Math.ceil(secondDisk / 1e9))
              + "GB");
    }
  }
}
