/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * One source and what feeds it, for {@link SourceContract}. All its sources stand on the same port,
 * files and state, one after the other. {@link #offer} and {@link #flood} are called by several
 * threads at once.
 */
public interface SourceFixture extends AutoCloseable {
  /** A new source on the same options. */
  Source build(SourceContext context) throws Exception;

  /**
   * Sends events with these bodies as a client of this source would, and waits for its answers
   * where it has any.
   *
   * @return the bodies that the sender may forget: the source owes them now
   * @throws IOException when the source cannot be reached or ends the connection; then none is owed
   */
  Set<String> offer(List<String> bodies) throws IOException;

  /** Body of the event of this number, each unlike the others where the source lets it choose. */
  default String body(int number) {
    return "event " + number;
  }

  /** Sends the same, and reads no answer; may block when the source takes no more. */
  default void flood(List<String> bodies) throws IOException {
    offer(bodies);
  }

  /** Sends what is no event of this source's protocol. */
  default void offerGarbage() throws IOException {}

  /** Whether an event may have come of {@link #offerGarbage}. */
  default boolean isOfGarbage(String body) {
    return false;
  }

  /** Whether the source makes its events itself: nobody sends, and more may come than was asked. */
  default boolean isGenerator() {
    return false;
  }

  /** Whether its senders are never told anything, so that they cannot send again. */
  default boolean isUnanswered() {
    return false;
  }

  /** Whether what was sent to a source that is not stopped arrives though nobody is told. */
  default boolean holdsItsSendersBack() {
    return true;
  }

  /** Most bytes of events that the source may have waiting for its channels. */
  long maxBytesInFlight();

  @Override
  default void close() throws Exception {}
}
