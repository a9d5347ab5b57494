/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.kit.path.PathTemplate;
import io.millrace.kit.path.Rounding;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.TimeZone;

/** How time is put into paths and names. Immutable. */
public record TimeOptions(
    @Option(name = "hdfs.round", doc = "Whether times are rounded down.", def = "false")
        boolean isRounded,
    @Option(
            name = "hdfs.roundValue",
            doc = "Multiple of the unit to round down to: 1 to 60, hours 1 to 24.",
            def = "1")
        int roundValue,
    @Option(
            name = "hdfs.roundUnit",
            doc = "What is rounded: second, minute or hour.",
            def = "second",
            fallsBack = true)
        Rounding.Unit roundUnit,
    @Option(
            name = "hdfs.timeZone",
            doc = "Zone of the times, such as Europe/Berlin; without it that of the process.")
        Optional<String> timeZone,
    @Option(
            name = "hdfs.useLocalTimeStamp",
            doc =
                "Whether the agent's clock is used instead of the header timestamp. Without it, an"
                    + " event that has no such header gets the agent's time and is counted.",
            def = "false")
        boolean isLocalTime) {
  public TimeOptions {
    if (isRounded) {
      try {
        new Rounding(roundValue, roundUnit);
      } catch (IllegalArgumentException e) {
        throw new ConfigurationException("hdfs.roundValue", e.getMessage());
      }
    }
    timeZone.ifPresent(TimeOptions::zone);
  }

  /** Java takes an unknown zone for GMT, and so did Flume: the files would be in wrong places. */
  private static ZoneId zone(String id) {
    TimeZone zone = TimeZone.getTimeZone(id);
    if (zone.getID().equals("GMT") && !id.equals("GMT")) {
      throw new ConfigurationException(
          "hdfs.timeZone",
          "zone '" + id + "' is not known (expected: such as Europe/Berlin or UTC)");
    }
    return zone.toZoneId();
  }

  PathTemplate.TimeRules rules() {
    return new PathTemplate.TimeRules(
        timeZone.map(TimeOptions::zone).orElseGet(ZoneId::systemDefault),
        isRounded ? new Rounding(roundValue, roundUnit) : Rounding.NONE,
        Locale.getDefault(),
        isLocalTime);
  }
}
