/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.SinkProcessorOptions;

/** How a sink group shares deliveries out among its members. Immutable. */
public sealed interface SinkProcessor extends SinkProcessorOptions
    permits SingleSink, Failover, LoadBalance {}
