/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import java.util.ArrayDeque;
import java.util.Optional;

/**
 * The answers of a connection, which go out in the order of their requests whatever the order in
 * which they are known. Confined to the event loop.
 */
final class Answers {
  /** The place of a request in that order. */
  static final class Place {
    private final boolean isHead;
    private final boolean isKept;
    private boolean isKnown;
    private Optional<Refusal> refusal = Optional.empty();

    private Place(boolean isHead, boolean isKept) {
      this.isHead = isHead;
      this.isKept = isKept;
    }

    boolean isHead() {
      return isHead;
    }

    /** Whether the connection goes on behind this answer. */
    boolean isKept() {
      return isKept && refusal.filter(Refusal::endsConnection).isEmpty();
    }

    Optional<Refusal> refusal() {
      return refusal;
    }
  }

  private final ArrayDeque<Place> places = new ArrayDeque<>();

  /**
   * @param isHead whether the answer has no body
   * @param isKept whether the client wants the connection to go on
   */
  Place add(boolean isHead, boolean isKept) {
    Place place = new Place(isHead, isKept);
    places.addLast(place);
    return place;
  }

  /** Empty is 200. */
  void known(Place place, Optional<Refusal> refusal) {
    place.isKnown = true;
    place.refusal = refusal;
  }

  /** The next answer that may go out, which is taken. */
  Optional<Place> next() {
    Place first = places.peekFirst();
    return first != null && first.isKnown ? Optional.of(places.pollFirst()) : Optional.empty();
  }

  int count() {
    return places.size();
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  void clear() {
    places.clear();
  }
}
