/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventBatch;
import java.io.Closeable;
import java.io.IOException;

/**
 * The events of one stored file, in their order, the same each time. What is damaged is told to the
 * {@link FileFindings} and passed over. Confined to one thread.
 */
interface StoredEvents extends Closeable {
  /**
   * Events that stand together.
   *
   * @param storedMillis when they were written, as far as the file tells, since 1970
   * @param readBytes of the file that were read for them, what was passed over included
   */
  record Run(EventBatch events, long storedMillis, long readBytes) {}

  /** The next events, or null at the end. A run may be empty. */
  Run next() throws IOException;
}
