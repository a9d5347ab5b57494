/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.PathManagerOptions;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Options of the path manager that names files by the time they are opened. Immutable. */
@Component(
    kind = ComponentKind.PATH_MANAGER,
    name = "rolltime",
    flumeClasses = {
      "org.apache.flume.formatter.output.RollTimePathManager$Builder",
      "org.apache.flume.formatter.output.RollTimePathManager"
    },
    summary = "Names files by the local time at which they are opened and a number.")
public record RollTimePathManagerOptions(
    @Option(doc = "What every name begins with.", def = "") String prefix,
    @Option(doc = "What follows the name, behind a dot.", def = "") String extension)
    implements PathManagerOptions {
  @Override
  public FileNames build() {
    return build(InstantSource.system(), ZoneId.systemDefault());
  }

  FileNames build(InstantSource clock, ZoneId zone) {
    return new TimedNames(prefix, Suffix.of(extension), clock, zone);
  }

  /**
   * Names by second; the number starts again with each later second, and goes on where the clock
   * stands still or goes back. Confined to the thread that writes the files.
   */
  private static final class TimedNames implements FileNames {
    private static final DateTimeFormatter SECOND =
        DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT);

    private final String prefix;
    private final String suffix;
    private final InstantSource clock;
    private final ZoneId zone;
    private String second = "";
    private long number;

    TimedNames(String prefix, String suffix, InstantSource clock, ZoneId zone) {
      this.prefix = prefix;
      this.suffix = suffix;
      this.clock = clock;
      this.zone = zone;
    }

    @Override
    public String next() {
      String now = SECOND.format(LocalDateTime.ofInstant(clock.instant(), zone));
      if (now.compareTo(second) > 0) {
        second = now;
        number = 0;
      }
      number++;
      return prefix + second + "-" + number + suffix;
    }
  }
}
