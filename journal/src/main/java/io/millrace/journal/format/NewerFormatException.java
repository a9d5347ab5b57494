/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/** Intact bytes that a later version wrote: to be left alone, not repaired. */
public final class NewerFormatException extends Exception {
  private NewerFormatException(String message) {
    super(message);
  }

  static void checkVersion(int version, int known) throws NewerFormatException {
    if (version != known) {
      throw new NewerFormatException("format version: " + version + " (expected: " + known + ")");
    }
  }

  static void checkFeatures(int features) throws NewerFormatException {
    if ((features & ~SegmentFeatures.KNOWN) != 0) {
      throw new NewerFormatException(
          "required features: 0x"
              + Integer.toHexString(features)
              + " (expected: within 0x"
              + Integer.toHexString(SegmentFeatures.KNOWN)
              + ")");
    }
  }
}
