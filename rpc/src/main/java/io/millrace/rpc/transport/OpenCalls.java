/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Calls of one connection whose answers are not written yet, and, where answers keep the order of
 * the calls, the answers that wait for one before them. Confined to the event loop.
 */
final class OpenCalls {
  /** One call's place. */
  static final class Place {
    private byte[] answer;

    private Place() {}
  }

  private final boolean inOrder;
  private final Consumer<byte[]> writer;
  private final Set<Place> places = new LinkedHashSet<>();

  /**
   * @param writer takes the answers when they may go out
   */
  OpenCalls(boolean inOrder, Consumer<byte[]> writer) {
    this.inOrder = inOrder;
    this.writer = writer;
  }

  int size() {
    return places.size();
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  /** Whether the call is still to be answered. */
  boolean contains(Place place) {
    return places.contains(place);
  }

  Place add() {
    Place place = new Place();
    places.add(place);
    return place;
  }

  void answer(Place place, byte[] answer) {
    if (!inOrder) {
      places.remove(place);
      writer.accept(answer);
      return;
    }
    place.answer = answer;
    Iterator<Place> oldest = places.iterator();
    while (oldest.hasNext()) {
      Place next = oldest.next();
      if (next.answer == null) {
        return;
      }
      oldest.remove();
      writer.accept(next.answer);
    }
  }

  /** Nobody is answered any more. */
  void clear() {
    places.clear();
  }
}
