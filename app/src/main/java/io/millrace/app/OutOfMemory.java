/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.nio.charset.StandardCharsets;

/**
 * Ends the process that ran out of memory, so that it is started again, rather than to live on with
 * threads missing. The launcher's {@code -XX:+ExitOnOutOfMemoryError} does the same for the heap;
 * here is what that does not see: direct memory, threads, and processes started without it.
 */
final class OutOfMemory {
  /** The status that the JVM itself has for it. */
  static final int STATUS = 3;

  /** Made now: later there may be no memory for it. */
  private static final byte[] MESSAGE =
      ("millrace: out of memory; the process ends with status "
              + STATUS
              + " so that it can be started again. Give it more with -Xmx; see where it goes with"
              + " -XX:+HeapDumpOnOutOfMemoryError\n")
          .getBytes(StandardCharsets.UTF_8);

  private OutOfMemory() {}

  /** Does not return. Runs no hook: they need memory too, and what is acknowledged is on disk. */
  static void end(OutOfMemoryError error) {
    try {
      System.err.write(MESSAGE, 0, MESSAGE.length);
      System.err.println(error);
      System.err.flush();
    } finally {
      Runtime.getRuntime().halt(STATUS);
    }
  }
}
