/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.spillablememory.EventOrder.Place;
import io.millrace.components.spillablememory.EventOrder.Run;
import org.junit.jupiter.api.Test;

final class EventOrderTest {
  private final EventOrder order = new EventOrder();

  @Test
  void appendsToOnePlaceAreOneRun() {
    Run run = order.append(Place.MEMORY, 3);

    assertThat(order.append(Place.MEMORY, 4)).isSameAs(run);
    assertThat(order.first()).isSameAs(run);
    assertThat(run.events()).isEqualTo(7);
  }

  @Test
  void anEmptyOrderHasNoFirstRun() {
    assertThat(order.first()).isNull();
    order.take(order.append(Place.DISK, 2), 2);
    assertThat(order.first()).isNull();
  }

  @Test
  void whatComesBackToARunThatWasEmptiedStandsBeforeNewerRuns() {
    Run first = order.append(Place.MEMORY, 5);
    Run second = order.append(Place.DISK, 5);
    Run third = order.append(Place.MEMORY, 5);
    order.take(first, 5);
    order.take(second, 2);

    order.giveBack(second, 2);
    assertThat(order.first()).isSameAs(second);
    order.giveBack(first, 1);
    assertThat(order.first()).isSameAs(first);
    order.take(first, 1);
    order.take(second, 5);
    assertThat(order.first()).isSameAs(third);
  }

  @Test
  void theLastRunGoesOnAfterItWasEmptied() {
    Run run = order.append(Place.MEMORY, 1);
    order.take(run, 1);

    assertThat(order.append(Place.MEMORY, 1)).isSameAs(run);
    assertThat(order.first()).isSameAs(run);
  }

  @Test
  void moreEventsThanARunHasEmptyIt() {
    Run run = order.append(Place.DISK, 3);
    Run next = order.append(Place.MEMORY, 1);
    order.take(run, 5);

    assertThat(run.events()).isZero();
    assertThat(order.first()).isSameAs(next);
  }
}
