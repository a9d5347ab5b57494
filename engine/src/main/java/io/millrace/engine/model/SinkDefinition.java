/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.SinkOptions;
import java.util.Optional;

/**
 * A sink, its channel, and the events it gets in one call: the smaller of what it asks for and what
 * the channel gives out at once. Immutable.
 *
 * @param deadLetterChannel gets the events that the sink rejects for good; without, they are only
 *     counted and said
 */
public record SinkDefinition(
    String name,
    String type,
    SinkOptions options,
    String channel,
    int batchSize,
    Optional<String> deadLetterChannel) {
  /** A sink without dead letter channel. */
  public SinkDefinition(
      String name, String type, SinkOptions options, String channel, int batchSize) {
    this(name, type, options, channel, batchSize, Optional.empty());
  }
}
