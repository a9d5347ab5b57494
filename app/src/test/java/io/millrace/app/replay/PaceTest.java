/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private final AtomicLong nanos = new AtomicLong();

  private Pace pace(long rate) {
    return new Pace(rate, nanos::get, nanos::addAndGet);
  }

  @Test
  void soManyEventsGoInASecondAndNoMore() throws Exception {
    Pace pace = pace(2000);
    assertThat(pace.batchSize(1000)).isEqualTo(200);
    for (int sent = 0; sent < 20_000; sent += 200) {
      pace.await(200);
    }
    assertThat(nanos.get())
        .isBetween(TimeUnit.MILLISECONDS.toNanos(9_800), TimeUnit.MILLISECONDS.toNanos(10_000));
  }

  @Test
  void whatWasNotSentDuringAPauseDoesNotComeInABurst() throws Exception {
    Pace pace = pace(100);
    pace.await(10);
    nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
    long before = nanos.get();
    pace.await(10);
    pace.await(10);
    pace.await(10);
    assertThat(nanos.get() - before).isEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
  }

  @Test
  void withoutARateNothingWaits() throws Exception {
    Pace pace = pace(0);
    pace.await(1_000_000);
    assertThat(nanos).hasValue(0);
    assertThat(pace.batchSize(1000)).isEqualTo(1000);
    assertThat(pace(3).batchSize(1000)).isEqualTo(1);
  }
}
