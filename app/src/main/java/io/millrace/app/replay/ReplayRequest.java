/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the operator asked to be replayed, in his words. Immutable.
 *
 * @param directory as it is once links are followed
 * @param fromText empty for no bound
 */
record ReplayRequest(
    Path directory,
    String fromText,
    String untilText,
    Map<String, String> headers,
    Optional<StoredFormat> format) {
  ReplayRequest {
    headers = Map.copyOf(headers);
  }

  String formatText() {
    return format.map(Enum::name).orElse("");
  }

  boolean hasRelativeBound() {
    return TimeBound.isRelative(fromText) || TimeBound.isRelative(untilText);
  }

  /** The same for the same words, another one for others. */
  String fingerprint() {
    String words =
        String.join(
            "\n",
            directory.toString(),
            fromText,
            untilText,
            new TreeMap<>(headers).toString(),
            formatText());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(words.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
