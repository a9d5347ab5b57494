/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import java.util.List;

/**
 * What a walk over the frames found. Immutable.
 *
 * @param unopenedFrames whole, but sealed with a key that was not given
 * @param storedBytes of the payloads on the disk
 * @param plainBytes of the payloads that could be opened
 * @param damages of frames and files, what the plan of recovery says included if the walk went over
 *     the whole lane
 */
public record WalkReport(
    long frames,
    long records,
    long unopenedFrames,
    long storedBytes,
    long plainBytes,
    List<Damage> damages) {
  public WalkReport {
    damages = List.copyOf(damages);
  }
}
