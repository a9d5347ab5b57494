/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.PathManagerOptions;
import java.time.InstantSource;

/** Options of the path manager that numbers the files of a series. Immutable. */
@Component(
    kind = ComponentKind.PATH_MANAGER,
    name = "default",
    flumeClasses = {
      "org.apache.flume.formatter.output.DefaultPathManager$Builder",
      "org.apache.flume.formatter.output.DefaultPathManager"
    },
    summary = "Names files by the start of the series in milliseconds and a number.")
public record SeriesPathManagerOptions(
    @Option(doc = "What every name begins with.", def = "") String prefix,
    @Option(doc = "What follows the name, behind a dot.", def = "") String extension)
    implements PathManagerOptions {
  @Override
  public FileNames build() {
    return build(InstantSource.system());
  }

  FileNames build(InstantSource clock) {
    return new SeriesNames(prefix + clock.millis(), Suffix.of(extension));
  }

  /** The numbers of one series. Confined to the thread that writes the files. */
  private static final class SeriesNames implements FileNames {
    private final String series;
    private final String suffix;
    private long number;

    SeriesNames(String series, String suffix) {
      this.series = series;
      this.suffix = suffix;
    }

    @Override
    public String next() {
      number++;
      return series + "-" + number + suffix;
    }
  }
}
