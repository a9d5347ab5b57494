/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A data file that Flume left. Immutable.
 *
 * @param directory the data directory that it belongs to
 * @param cipher present if its payloads are encrypted
 */
record LogFile(int id, Path directory, Path path, Format format, Optional<LogCipher> cipher) {
  /** How the records are laid out. */
  enum Format {
    V2,
    V3,
    /** Nothing says it and the content does not tell. */
    UNKNOWN
  }
}
