/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

import io.millrace.journal.codec.UndecodableException.Reason;
import io.millrace.journal.format.SegmentFeatures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Packs and seals payloads on their way to the disk, and turns them back: packed first, then
 * sealed. A payload that packing does not shorten is stored as it is. Safe for many threads.
 *
 * @since 0.1
 */
public final class PayloadCodec {
  private static final KeySource NO_KEYS = alias -> Optional.empty();
  private static final int MAX_PLAIN_BYTES = 1 << 30;

  /** Below that, packing saves less than it costs. */
  private static final int MIN_PACKED_BYTES = 64;

  private final List<Compression> readable;
  private final Optional<Compression> packing;
  private final PayloadSeal seal;

  private PayloadCodec(
      List<Compression> readable, Optional<Compression> packing, PayloadSeal seal) {
    this.readable = List.copyOf(readable);
    this.packing = packing;
    this.seal = seal;
  }

  /** Stores payloads as they are, and reads no others. */
  public static PayloadCodec plain() {
    return of(List.of(), Optional.empty(), NO_KEYS, Optional.empty());
  }

  /**
   * @param readable what may be met in what is stored already
   * @param packing what is done to new payloads, if anything
   * @param sealingAlias the key that new payloads are sealed with, if they are
   * @throws IllegalArgumentException if there is no such key
   */
  public static PayloadCodec of(
      List<Compression> readable,
      Optional<Compression> packing,
      KeySource keys,
      Optional<String> sealingAlias) {
    return new PayloadCodec(
        readable, packing, new PayloadSeal(keys, sealingAlias, new SecureRandom()));
  }

  /** {@link SegmentFeatures} that a reader of what is encoded here must know. */
  public int features() {
    return (packing.isPresent() ? SegmentFeatures.PACKED : 0)
        | (seal.seals() ? SegmentFeatures.SEALED : 0);
  }

  /** What is written for a payload; its array may be the payload's own. */
  public StoredPayload encode(byte[] plain, int offset, int length, int recordCount) {
    byte[] array = plain;
    int from = offset;
    int bytes = length;
    int codec = Compression.NONE;
    if (packing.isPresent() && length >= MIN_PACKED_BYTES) {
      byte[] packed = packing.get().compress(plain, offset, length);
      if (packed.length + Integer.BYTES < length) {
        array =
            ByteBuffer.allocate(Integer.BYTES + packed.length).putInt(length).put(packed).array();
        from = 0;
        bytes = array.length;
        codec = packing.get().id();
      }
    }
    if (seal.seals()) {
      byte[] sealed = seal.seal(array, from, bytes, codec, recordCount);
      return StoredPayload.of(codec, 1, sealed, 0, sealed.length);
    }
    return StoredPayload.of(codec, 0, array, from, bytes);
  }

  /** The payload again; the very array of {@code stored} if nothing was done to it. */
  public byte[] decode(int codec, int keyId, byte[] stored, int recordCount)
      throws UndecodableException {
    byte[] packed = keyId == 0 ? stored : seal.open(stored, codec, recordCount);
    return codec == Compression.NONE ? packed : unpack(codec, packed);
  }

  /** Name of the key that a sealed payload needs; empty if it is not sealed or says no name. */
  public static Optional<String> keyAlias(int keyId, byte[] stored) {
    boolean isNamed = keyId != 0 && stored.length > 0 && stored.length > (stored[0] & 0xFF);
    return isNamed ? Optional.of(PayloadSeal.aliasOf(stored)) : Optional.empty();
  }

  private byte[] unpack(int codec, byte[] packed) throws UndecodableException {
    Compression compression =
        readable.stream()
            .filter(candidate -> candidate.id() == codec)
            .findFirst()
            .orElseThrow(() -> malformed("packing " + codec + " is not known here", null));
    if (packed.length < Integer.BYTES) {
      throw malformed(packed.length + " bytes are no packed payload", null);
    }
    int plainBytes = ByteBuffer.wrap(packed).getInt();
    if (plainBytes < 0 || plainBytes > MAX_PLAIN_BYTES) {
      throw malformed(
          "plain size: " + plainBytes + " (expected: 0 to " + MAX_PLAIN_BYTES + ")", null);
    }
    try {
      return compression.decompress(
          packed, Integer.BYTES, packed.length - Integer.BYTES, plainBytes);
    } catch (IOException e) {
      throw malformed("does not unpack: " + e.getMessage(), e);
    }
  }

  private static UndecodableException malformed(String what, Throwable cause) {
    return new UndecodableException(Reason.MALFORMED, what, cause);
  }
}
