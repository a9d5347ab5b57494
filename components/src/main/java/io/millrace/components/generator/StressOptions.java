/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.generator;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import java.time.Duration;
import java.util.Arrays;

/** Options of the stress source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "stress",
    flumeClasses = "org.apache.flume.source.StressSource",
    summary = "Makes events of one size as fast as the channels take them, for tests.")
public record StressOptions(
    @Option(
            doc = "Length of a body; all its bytes are 0x7F.",
            def = "500",
            min = 0,
            max = 64 << 20,
            bareUnit = BareUnit.BYTES)
        DataSize size,
    @Option(doc = "Stops after this many events; -1 for never.", def = "-1", min = -1)
        long maxTotalEvents,
    @Option(
            doc =
                "Likewise: what fails is tried again, so that in the end every event is a success.",
            def = "-1",
            min = -1)
        long maxSuccessfulEvents,
    @Option(doc = "Events in a batch.", def = "1", min = 1) int batchSize,
    @Option(doc = "Most events a second; 0 for no limit.", def = "0", min = 0)
        int maxEventsPerSecond,
    @Option(
            doc = "First pause when a channel refuses a batch; it doubles with each refusal.",
            def = "1000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration backoffSleepIncrement,
    @Option(doc = "Longest such pause.", def = "5000", min = 1, bareUnit = BareUnit.MILLISECONDS)
        Duration maxBackoffSleep)
    implements SourceOptions {
  private static final byte BODY_BYTE = 0x7F;

  @Override
  public Source build(SourceContext context) {
    byte[] body = new byte[(int) size.bytes()];
    Arrays.fill(body, BODY_BYTE);
    return new GeneratorSource(
        context,
        new GeneratorSource.Pace(
            batchSize,
            Math.min(limit(maxTotalEvents), limit(maxSuccessfulEvents)),
            maxEventsPerSecond),
        GeneratorSource.backoff(backoffSleepIncrement, maxBackoffSleep),
        number -> body);
  }

  private static long limit(long events) {
    return events < 0 ? Long.MAX_VALUE : events;
  }
}
