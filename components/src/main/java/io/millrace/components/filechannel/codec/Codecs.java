/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.codec;

import io.millrace.api.ConfigurationException;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.codec.PayloadCodec;

/** Puts a file channel's codec together. Stateless. */
public final class Codecs {
  private Codecs() {}

  /**
   * Packs and seals new batches as the options say, and reads everything that any options of before
   * may have left.
   *
   * @throws ConfigurationException if a library or key is not to be had
   */
  public static PayloadCodec of(
      CompressionKind compression, EncryptionOptions encryption, KeySource keys) {
    try {
      return PayloadCodec.of(
          CompressionKind.readable(), compression.packing(), keys, encryption.activeKey());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("encryption.activeKey", e.getMessage());
    }
  }
}
