/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.PathManagerOptions.FileNames;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class PathManagerTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-04T05:06:07.890Z"));

  @Test
  void aSeriesIsNamedByItsStartAndCountsFromOne() {
    FileNames names = new SeriesPathManagerOptions("app-", "log").build(now::get);
    now.set(Instant.EPOCH);

    assertThat(names.next()).isEqualTo("app-1772600767890-1.log");
    assertThat(names.next()).isEqualTo("app-1772600767890-2.log");
  }

  @Test
  void withoutPrefixAndExtensionThereIsNoDot() {
    assertThat(new SeriesPathManagerOptions("", "").build(now::get).next())
        .isEqualTo("1772600767890-1");
  }

  @Test
  void rollTimeNamesCountWithinASecond() {
    FileNames names = new RollTimePathManagerOptions("p", "avro").build(now::get, ZoneOffset.UTC);

    assertThat(names.next()).isEqualTo("p20260304050607-1.avro");
    assertThat(names.next()).isEqualTo("p20260304050607-2.avro");
    now.set(now.get().plusSeconds(1));
    assertThat(names.next()).isEqualTo("p20260304050608-1.avro");
  }

  @Test
  void aClockThatGoesBackNeverGivesANameTwice() {
    FileNames names = new RollTimePathManagerOptions("", "").build(now::get, ZoneOffset.UTC);
    names.next();
    now.set(now.get().plusSeconds(1));
    assertThat(names.next()).isEqualTo("20260304050608-1");

    now.set(now.get().minusSeconds(1));

    assertThat(names.next()).isEqualTo("20260304050608-2");
  }
}
