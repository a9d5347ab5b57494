/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

/** One record of a data file, filled anew for each. Confined to the scan that fills it. */
final class LogRecord {
  static final int PUT = 1;
  static final int TAKE = 2;
  static final int ROLLBACK = 3;
  static final int COMMIT = 4;

  int type;
  long transactionId;
  long orderId;

  /** Of a PUT its own place, of a TAKE the place of the PUT that was taken. */
  long pointer;

  /** File id in the upper, position of the record in the lower 32 bits. Never 0: ids begin at 1. */
  static long pointer(int fileId, long position) {
    return (long) fileId << 32 | position & 0xffffffffL;
  }

  static int fileId(long pointer) {
    return (int) (pointer >>> 32);
  }

  static long position(long pointer) {
    return pointer & 0xffffffffL;
  }
}
