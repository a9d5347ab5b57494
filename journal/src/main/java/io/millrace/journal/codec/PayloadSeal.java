/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

import io.millrace.journal.codec.UndecodableException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals payloads with AES-GCM (NIST SP 800-38D). The named key never encrypts by itself: each
 * process derives one from it with a random salt (HKDF-Expand of RFC 5869, one block), so that a
 * counter makes nonces that never repeat under one key, however long the named key is in use.
 *
 * <pre>
 * aliasBytes u8, alias in UTF-8, salt 16, counter u64, ciphertext, tag 16
 * </pre>
 *
 * What stands before the ciphertext is authenticated with it, and so are the frame's codec and its
 * number of records. Format: docs/formats/journal-v1.md#sealed-payload. Safe for many threads.
 */
final class PayloadSeal {
  static final int MAX_ALIAS_BYTES = 255;

  private static final int SALT_BYTES = 16;
  private static final int COUNTER_BYTES = Long.BYTES;
  private static final int TAG_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final int MAX_KNOWN_KEYS = 256;
  private static final byte[] INFO = "millrace journal payload 1".getBytes(StandardCharsets.UTF_8);

  private final KeySource keys;
  private final AtomicLong counter = new AtomicLong();

  /** What sealed payloads of this process begin with, up to the counter; null if none are made. */
  private final byte[] prefix;

  private final SecretKey sealingKey;

  /** Derived keys by the prefix that they belong to, the least recently used one forgotten. */
  private final Map<ByteBuffer, SecretKey> opening =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, SecretKey> eldest) {
          return size() > MAX_KNOWN_KEYS;
        }
      };

  /**
   * @param activeAlias the key that seals what is new; empty if only old payloads are opened
   * @throws IllegalArgumentException if the keys don't have it
   */
  PayloadSeal(KeySource keys, Optional<String> activeAlias, SecureRandom random) {
    this.keys = keys;
    if (activeAlias.isEmpty()) {
      prefix = null;
      sealingKey = null;
      return;
    }
    byte[] alias = activeAlias.get().getBytes(StandardCharsets.UTF_8);
    if (alias.length == 0 || alias.length > MAX_ALIAS_BYTES) {
      throw new IllegalArgumentException(
          "key alias of " + alias.length + " bytes (expected: 1 to " + MAX_ALIAS_BYTES + ")");
    }
    SecretKey key =
        keys.key(activeAlias.get())
            .orElseThrow(
                () -> new IllegalArgumentException("no key has the alias " + activeAlias.get()));
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    prefix =
        ByteBuffer.allocate(1 + alias.length + SALT_BYTES)
            .put((byte) alias.length)
            .put(alias)
            .put(salt)
            .array();
    sealingKey = derive(key, prefix);
  }

  boolean seals() {
    return prefix != null;
  }

  byte[] seal(byte[] plain, int offset, int length, int codec, int recordCount) {
    long count = counter.incrementAndGet();
    int clearBytes = prefix.length + COUNTER_BYTES;
    byte[] sealed = new byte[clearBytes + length + TAG_BYTES];
    ByteBuffer.wrap(sealed).put(prefix).putLong(count);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, sealingKey, count);
      cipher.updateAAD(sealed, 0, clearBytes);
      cipher.updateAAD(binding(codec, recordCount));
      cipher.doFinal(plain, offset, length, sealed, clearBytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refuses to seal " + length + " bytes", e);
    }
    return sealed;
  }

  byte[] open(byte[] sealed, int codec, int recordCount) throws UndecodableException {
    int prefixBytes = sealed.length == 0 ? 0 : 1 + (sealed[0] & 0xFF) + SALT_BYTES;
    int clearBytes = prefixBytes + COUNTER_BYTES;
    if (prefixBytes == 0 || sealed.length < clearBytes + TAG_BYTES) {
      throw new UndecodableException(
          Reason.MALFORMED, sealed.length + " bytes are no sealed payload", null);
    }
    SecretKey key = openingKey(ByteBuffer.wrap(sealed, 0, prefixBytes));
    long count = ByteBuffer.wrap(sealed).getLong(prefixBytes);
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, count);
      cipher.updateAAD(sealed, 0, clearBytes);
      cipher.updateAAD(binding(codec, recordCount));
      return cipher.doFinal(sealed, clearBytes, sealed.length - clearBytes);
    } catch (GeneralSecurityException e) {
      throw new UndecodableException(
          Reason.KEY_WRONG,
          "key " + aliasOf(sealed) + " does not open what was sealed under its name",
          e);
    }
  }

  private SecretKey openingKey(ByteBuffer sealedPrefix) throws UndecodableException {
    synchronized (opening) {
      SecretKey known = opening.get(sealedPrefix);
      if (known != null) {
        return known;
      }
    }
    byte[] copy = new byte[sealedPrefix.remaining()];
    sealedPrefix.duplicate().get(copy);
    String alias = aliasOf(copy);
    SecretKey named =
        keys.key(alias)
            .orElseThrow(
                () ->
                    new UndecodableException(
                        Reason.KEY_MISSING, "key " + alias + " is not among the keys", null));
    SecretKey key = derive(named, copy);
    synchronized (opening) {
      opening.put(ByteBuffer.wrap(copy), key);
    }
    return key;
  }

  static String aliasOf(byte[] sealed) {
    return new String(sealed, 1, sealed[0] & 0xFF, StandardCharsets.UTF_8);
  }

  private static SecretKey derive(SecretKey named, byte[] prefix) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(named.getEncoded(), "HmacSHA256"));
      mac.update(INFO);
      mac.update(prefix);
      mac.update((byte) 1);
      return new SecretKeySpec(mac.doFinal(), "AES");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HmacSHA256", e);
    }
  }

  private static Cipher cipher(int mode, SecretKey key, long count)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(count).array();
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
    return cipher;
  }

  private static byte[] binding(int codec, int recordCount) {
    return ByteBuffer.allocate(1 + Integer.BYTES).put((byte) codec).putInt(recordCount).array();
  }
}
