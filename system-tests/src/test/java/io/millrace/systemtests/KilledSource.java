/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A source whose agent is killed, and what sends to it. Its configuration stays the same from one
 * life to the next. Confined to one thread at a time.
 */
interface KilledSource extends AutoCloseable {
  /** Word that its lines begin with: its type in a configuration, or that and what it does. */
  String type();

  /** As the table has it. */
  default String name() {
    return type();
  }

  /** What the source promises when its agent is killed, for the table. */
  String promise();

  /** Options of the source, each a line {@code name = value}. */
  List<String> options(Path directory) throws IOException;

  /**
   * Sends lines as a client of this source does, and waits for the answers if there are any.
   *
   * @return those that the sender may forget: the source owes them
   * @throws IOException when the agent is away; then none is owed
   */
  List<String> offer(List<String> lines) throws IOException;

  /** Whether its senders learn what it has taken over; else they send each line once. */
  default boolean isAnswered() {
    return true;
  }

  /** Whether it reads what it has read once more after a kill: the file is there. */
  default boolean isReadAgain() {
    return false;
  }

  @Override
  default void close() throws IOException {}
}
