/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.codec;

import io.millrace.api.ConfigurationException;
import io.millrace.journal.codec.KeySource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;

/** Keys of a key store file, read once. Immutable. */
final class KeyStoreKeys implements KeySource {
  private static final Set<Integer> AES_KEY_BYTES = Set.of(16, 24, 32);
  private static final String PREFIX = "encryption.keyProvider.";

  private final Map<String, SecretKey> keys;

  private KeyStoreKeys(Map<String, SecretKey> keys) {
    this.keys = Map.copyOf(keys);
  }

  static KeyStoreKeys read(Path file, Path passwordFile, Map<String, Path> passwordFiles) {
    char[] password = password(PREFIX + "keyStorePasswordFile", passwordFile);
    KeyStore store;
    try {
      // Finds out by itself whether the file is JCEKS, JKS or PKCS12.
      store = KeyStore.getInstance(file.toFile(), password);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new ConfigurationException(
          PREFIX + "keyStoreFile",
          "key store " + file + " can't be opened with the password of " + passwordFile + ": " + e);
    }
    Map<String, SecretKey> keys = new HashMap<>();
    passwordFiles.forEach(
        (alias, keyPasswordFile) ->
            keys.put(
                alias,
                key(
                    store,
                    file,
                    alias,
                    password(PREFIX + "keys." + alias + ".passwordFile", keyPasswordFile))));
    return new KeyStoreKeys(keys);
  }

  private static char[] password(String option, Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).trim().toCharArray();
    } catch (IOException e) {
      throw new ConfigurationException(option, "password file can't be read: " + e);
    }
  }

  private static SecretKey key(KeyStore store, Path file, String alias, char[] password) {
    Key key;
    try {
      key = store.getKey(alias, password);
    } catch (GeneralSecurityException e) {
      throw new ConfigurationException(
          PREFIX + "keys",
          "key " + alias + " of " + file + " does not open with its password: " + e.getMessage());
    }
    if (!(key instanceof SecretKey secret)
        || !"AES".equals(key.getAlgorithm())
        || !AES_KEY_BYTES.contains(key.getEncoded().length)) {
      throw new ConfigurationException(
          PREFIX + "keys",
          "key "
              + alias
              + " of "
              + file
              + ": "
              + (key == null ? "there is none" : key.getAlgorithm())
              + " (expected: an AES key of 128, 192 or 256 bits)");
    }
    return secret;
  }

  @Override
  public Optional<SecretKey> key(String alias) {
    return Optional.ofNullable(keys.get(alias));
  }
}
