/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.List;

/**
 * Options of a channel selector.
 *
 * @since 0.1
 */
public non-sealed interface SelectorOptions extends ComponentOptions {
  /**
   * Builds the selector for a source with these channels.
   *
   * @throws ConfigurationException when it names a channel that is not among them
   */
  Selector build(List<String> channels);

  /** Of {@code channels}, those whose failure the source must never see, whatever the event. */
  default List<String> optionalChannels(List<String> channels) {
    return List.of();
  }
}
