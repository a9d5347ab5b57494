/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.selector;

import io.millrace.api.ConfigurationException;
import java.util.Arrays;
import java.util.List;

/** The channels of a source, to check names against. Immutable. */
record ChannelNames(List<String> channels) {
  ChannelNames {
    channels = List.copyOf(channels);
  }

  /** Names set apart by white space, as many blanks as there are. */
  List<String> parse(String option, String text) {
    List<String> names =
        Arrays.stream(text.trim().split("\\s+"))
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList();
    if (names.isEmpty()) {
      throw new ConfigurationException(
          option, "no channel is named (expected: one or more of " + channels + ")");
    }
    check(option, names);
    return names;
  }

  void check(String option, List<String> names) {
    for (String name : names) {
      if (!channels.contains(name)) {
        throw new ConfigurationException(
            option,
            "channel '"
                + name
                + "' is not a channel of this source (expected: one of "
                + channels
                + "); add it to the source's channels, or correct the name");
      }
    }
  }
}
