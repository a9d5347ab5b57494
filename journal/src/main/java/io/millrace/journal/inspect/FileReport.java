/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A file as found. Immutable.
 *
 * @param modified when it was written last, if the disk tells
 */
public record FileReport(Path path, long bytes, Optional<Instant> modified) {
  public String name() {
    return path.getFileName().toString();
  }
}
