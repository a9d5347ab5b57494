/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.SinkOptions;

/**
 * A sink, its channel, and the events it gets in one call: the smaller of what it asks for and what
 * the channel gives out at once. Immutable.
 */
public record SinkDefinition(
    String name, String type, SinkOptions options, String channel, int batchSize) {}
