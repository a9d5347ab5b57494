/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/**
 * How the payloads of one data file are decrypted: AES in counter mode, every payload from the same
 * initial counter block. A property of the old format; nothing is ever encrypted so. Immutable.
 */
record LogCipher(String alias, SecretKey key, byte[] counterBlock) {
  private static final String TRANSFORMATION = "AES/CTR/NoPadding";

  Decryptor decryptor() {
    try {
      Cipher cipher = Cipher.getInstance(TRANSFORMATION);
      cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(counterBlock));
      return new Decryptor(cipher);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(TRANSFORMATION + " with the key " + alias, e);
    }
  }

  /** Confined to one thread. */
  static final class Decryptor {
    private final Cipher cipher;

    private Decryptor(Cipher cipher) {
      this.cipher = cipher;
    }

    /** Decrypts the first {@code length} bytes of a payload to the start of {@code target}. */
    void decrypt(byte[] source, int offset, int length, byte[] target) {
      try {
        // Ends with the cipher as it was at its start.
        cipher.doFinal(source, offset, length, target, 0);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(TRANSFORMATION + ": " + length + " bytes", e);
      }
    }
  }
}
