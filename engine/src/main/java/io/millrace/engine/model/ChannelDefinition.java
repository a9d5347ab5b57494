/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.ChannelOptions;

/** A channel and its options. Immutable. */
public record ChannelDefinition(String name, String type, ChannelOptions options) {}
