/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.codec;

import io.millrace.api.ConfigurationException;
import io.millrace.journal.codec.Compression;
import java.util.List;
import java.util.Optional;

/** How batches are packed before they are written. */
public enum CompressionKind {
  NONE,
  LZ4,
  ZSTD;

  /** Reads whatever any of the kinds has written. */
  static List<Compression> readable() {
    return List.of(new Lz4Compression(), new ZstdCompression());
  }

  /**
   * What packs new batches.
   *
   * @throws ConfigurationException if its native library can't be loaded here
   */
  Optional<Compression> packing() {
    return switch (this) {
      case NONE -> Optional.empty();
      case LZ4 -> Optional.of(tried(new Lz4Compression()));
      case ZSTD -> Optional.of(tried(new ZstdCompression()));
    };
  }

  /** Now is the time to find out, not with the first batch. */
  private Compression tried(Compression compression) {
    byte[] sample = new byte[1024];
    try {
      compression.compress(sample, 0, sample.length);
    } catch (LinkageError e) {
      throw new ConfigurationException(
          "millrace.compression",
          name().toLowerCase(java.util.Locale.ROOT)
              + ": its native library can't be loaded: "
              + e.getMessage()
              + " (expected: a directory for temporary files that allows executables, see"
              + " -Djava.io.tmpdir); or choose lz4, which runs without");
    }
    return compression;
  }
}
