/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.SerializerOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** Options of the sink of local files. Immutable. */
@Component(
    kind = ComponentKind.SINK,
    name = "file_roll",
    flumeClasses = "org.apache.flume.sink.RollingFileSink",
    summary = "Writes events to local files and begins a new one as time passes or as they grow.")
public record FileRollSinkOptions(
    @Option(name = "sink.directory", doc = "Directory of the files; must exist.", required = true)
        Path directory,
    @Option(name = "sink.pathManager", doc = "What names the files.", def = "DEFAULT")
        PathManagerOptions pathManager,
    @Option(
            name = "sink.rollInterval",
            doc = "Time after which a file is closed; 0 or less for never.",
            def = "30",
            bareUnit = BareUnit.SECONDS)
        Duration rollInterval,
    @Option(name = "sink.serializer", doc = "How events are written.", def = "TEXT")
        SerializerOptions serializer,
    @Option(name = "sink.batchSize", doc = "Most events taken at once.", def = "100", min = 1)
        int batchSize,
    @Option(
            name = "millrace.sync",
            doc =
                "Whether events are synced to the disk before they leave the channel. With false"
                    + " they are left to the operating system: a power cut loses the newest.",
            def = "true")
        boolean isSynced,
    @OptionGroup RetentionOptions retention)
    implements SinkOptions {
  @Override
  public Sink build(SinkContext context) {
    return new FileRollSink(
        context, this, new NioRollDisk(), System::nanoTime, InstantSource.system());
  }
}
