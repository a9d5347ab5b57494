/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/** Bits of a segment header that say what a reader must know to read its frames. */
public final class SegmentFeatures {
  /** Some frames may be packed: their codec is not 0. */
  public static final int PACKED = 1;

  /** Frames are sealed: their keyId is not 0. All of a segment's frames under one key. */
  public static final int SEALED = 2;

  static final int KNOWN = PACKED | SEALED;

  private SegmentFeatures() {}
}
