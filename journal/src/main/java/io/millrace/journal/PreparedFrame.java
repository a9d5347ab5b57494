/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.segment.FrameData;

/**
 * A payload packed, sealed and checksummed, ready to be appended. Immutable.
 *
 * @since 0.1
 */
public final class PreparedFrame {
  private final FrameData data;

  PreparedFrame(FrameData data) {
    this.data = data;
  }

  FrameData data() {
    return data;
  }
}
