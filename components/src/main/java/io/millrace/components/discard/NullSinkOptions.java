/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.discard;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;

/** Options of the null sink. Immutable. */
@Component(
    kind = ComponentKind.SINK,
    name = "null",
    flumeClasses = "org.apache.flume.sink.NullSink",
    summary = "Drops every event.")
public record NullSinkOptions(
    @Option(doc = "Most events taken at once.", def = "100", min = 1) int batchSize,
    @Option(
            doc = "Events between two lines of progress in the log; 0 or less for none.",
            def = "10000")
        int logEveryNEvents)
    implements SinkOptions {
  @Override
  public Sink build(SinkContext context) {
    return new NullSink(context.name(), logEveryNEvents);
  }
}
