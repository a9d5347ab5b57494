/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;

/** The processor of a group of one. Immutable. */
@Component(
    kind = ComponentKind.SINK_PROCESSOR,
    name = "default",
    flumeClasses = "org.apache.flume.sink.DefaultSinkProcessor",
    summary = "One sink by itself, as a sink that stands in no group.")
public record SingleSink() implements SinkProcessor {}
