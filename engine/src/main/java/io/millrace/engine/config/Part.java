/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What can stand in the second place of a key: the parts of an agent. */
enum Part {
  SOURCES("sources", "source"),
  CHANNELS("channels", "channel"),
  SINKS("sinks", "sink"),
  SINK_GROUPS("sinkgroups", "sink group"),
  CONFIG_FILTERS("configfilters", "config filter");

  private final String word;
  private final String singular;

  Part(String word, String singular) {
    this.word = word;
    this.singular = singular;
  }

  /** As in keys. */
  String word() {
    return word;
  }

  /** As in messages. */
  String singular() {
    return singular;
  }

  static Optional<Part> of(String word) {
    return Arrays.stream(values()).filter(part -> part.word.equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Part::word).toList();
  }
}
