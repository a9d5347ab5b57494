/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.logger;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;

/** Options of the logger sink. Immutable. */
@Component(
    kind = ComponentKind.SINK,
    name = "logger",
    flumeClasses = "org.apache.flume.sink.LoggerSink",
    summary = "Writes events to the log at level INFO, one line each; for trying things out.")
public record LoggerSinkOptions(
    @Option(
            doc = "Most bytes of a body that are shown.",
            def = "16",
            min = 0,
            max = LoggerSinkOptions.MAX_BYTES_TO_LOG,
            fallsBack = true)
        int maxBytesToLog)
    implements SinkOptions {
  /** A line of the log takes four characters a byte: no more than 256 KiB. */
  static final int MAX_BYTES_TO_LOG = 64 * 1024;

  /** Flume takes one event at a time. A few are faster, and fit every channel that is in use. */
  static final int BATCH_SIZE = 10;

  @Override
  public Sink build(SinkContext context) {
    return new LoggerSink(new EventLine(maxBytesToLog));
  }

  @Override
  public int batchSize() {
    return BATCH_SIZE;
  }
}
