/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.generator;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Options of the seq source. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "seq",
    flumeClasses = "org.apache.flume.source.SequenceGeneratorSource",
    summary = "Makes events whose bodies count 0, 1, 2 and so on, for tests.")
public record SequenceOptions(
    @Option(doc = "Events in a batch.", def = "1", min = 1) int batchSize,
    @Option(doc = "Stops after this many events.", def = "9223372036854775807", min = 0)
        long totalEvents,
    @Option(
            doc = "First pause when a channel refuses a batch; it doubles with each refusal.",
            def = "1000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration backoffSleepIncrement,
    @Option(doc = "Longest such pause.", def = "5000", min = 1, bareUnit = BareUnit.MILLISECONDS)
        Duration maxBackoffSleep)
    implements SourceOptions {
  @Override
  public Source build(SourceContext context) {
    return new GeneratorSource(
        context,
        new GeneratorSource.Pace(batchSize, totalEvents, 0),
        GeneratorSource.backoff(backoffSleepIncrement, maxBackoffSleep),
        number -> Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }
}
