/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

import java.util.Optional;
import javax.crypto.SecretKey;

/**
 * AES keys by alias. An alias is for ever the name of one key: who rotates adds another alias. Safe
 * for many threads.
 *
 * @since 0.1
 */
public interface KeySource {
  /** The key of that name, 16, 24 or 32 bytes; empty if there is none. */
  Optional<SecretKey> key(String alias);
}
