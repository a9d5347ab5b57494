/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.codec.Compression;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.codec.PayloadCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.crypto.spec.SecretKeySpec;

/** Codecs with what the JDK has: deflate takes the place of LZ4. */
public final class TestCodecs {
  /** Packs what repeats itself. */
  public static final Compression DEFLATE =
      new Compression() {
        @Override
        public int id() {
          return LZ4;
        }

        @Override
        public byte[] compress(byte[] plain, int offset, int length) {
          Deflater deflater = new Deflater(Deflater.BEST_SPEED);
          deflater.setInput(plain, offset, length);
          deflater.finish();
          byte[] packed = new byte[length + 64];
          int bytes = deflater.deflate(packed);
          deflater.end();
          return Arrays.copyOf(packed, bytes);
        }

        @Override
        public byte[] decompress(byte[] packed, int offset, int length, int plainBytes)
            throws IOException {
          Inflater inflater = new Inflater();
          inflater.setInput(packed, offset, length);
          byte[] plain = new byte[plainBytes];
          try {
            if (inflater.inflate(plain) < plainBytes) {
              throw new IOException("too short");
            }
          } catch (DataFormatException e) {
            throw new IOException(e);
          } finally {
            inflater.end();
          }
          return plain;
        }
      };

  private TestCodecs() {}

  /** A key of its own for each of the aliases. */
  public static KeySource keys(String... aliases) {
    return alias ->
        Set.of(aliases).contains(alias)
            ? Optional.of(
                new SecretKeySpec(Arrays.copyOf(alias.getBytes(StandardCharsets.UTF_8), 16), "AES"))
            : Optional.empty();
  }

  public static PayloadCodec sealing(String alias, KeySource keys) {
    return PayloadCodec.of(List.of(DEFLATE), Optional.empty(), keys, Optional.of(alias));
  }

  /** Any of plain, packed, sealed with one of two keys, and both; reads all of them. */
  static PayloadCodec random(Random random) {
    Optional<Compression> packing =
        random.nextInt(3) == 0 ? Optional.of(DEFLATE) : Optional.empty();
    Optional<String> alias =
        random.nextInt(3) == 0 ? Optional.of("k" + random.nextInt(2)) : Optional.empty();
    return PayloadCodec.of(List.of(DEFLATE), packing, keys("k0", "k1"), alias);
  }
}
