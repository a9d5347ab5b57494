/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.inspect.Damage;
import java.util.List;

/**
 * What a verification found, all lanes together. Immutable.
 *
 * @param unopenedFrames whole, but their contents not looked at for want of a key
 */
record VerifyResult(
    long frames,
    long events,
    long storedBytes,
    long unopenedFrames,
    long nanos,
    List<Damage> damages) {
  VerifyResult {
    damages = List.copyOf(damages);
  }

  /** Whether nothing is damaged but what nobody waits for. */
  boolean isWhole() {
    return damages.stream().allMatch(Damage::isPast);
  }

  long lostEvents() {
    return damages.stream().mapToLong(Damage::lostRecords).sum();
  }
}
