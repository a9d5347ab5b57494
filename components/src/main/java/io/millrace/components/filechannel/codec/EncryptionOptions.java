/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.codec;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.journal.codec.KeySource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which keys a file channel has, and which of them seals what is new. Immutable. */
public record EncryptionOptions(
    @Option(
            doc =
                "Alias of the key that new data is sealed with (AES-GCM). To rotate, add a key and"
                    + " name it here; the old one is needed until its events are delivered.",
            name = "encryption.activeKey")
        Optional<String> activeKey,
    @Option(
            doc = "Cipher of Flume's data files.",
            name = "encryption.cipherProvider",
            noEffect =
                "new data is always sealed with AES-GCM, and files of Flume say by themselves how"
                    + " they were encrypted")
        Optional<String> cipherProvider,
    @Option(
            doc = "Where keys come from: JCEKSFILE, a key store file. Turns encryption on.",
            name = "encryption.keyProvider")
        Optional<String> keyProvider,
    @Option(doc = "Key store (JCEKS or PKCS12).", name = "encryption.keyProvider.keyStoreFile")
        Optional<Path> keyStoreFile,
    @Option(
            doc = "File with the password of the key store; white space around it is cut off.",
            name = "encryption.keyProvider.keyStorePasswordFile",
            aliases = "encrpytion.keyProvider.keyStorePasswordFile")
        Optional<Path> keyStorePasswordFile,
    @Option(
            doc = "Aliases of the keys to use.",
            name = "encryption.keyProvider.keys",
            def = "",
            aliases = "encrpytion.keyProvider.keys")
        List<String> keys,
    @Option(
            doc = "ALIAS.passwordFile: file with that key's password, if it has one of its own.",
            name = "encryption.keyProvider.keys.*")
        Map<String, String> keyOptions) {

  private static final Set<String> KEY_STORE_PROVIDERS =
      Set.of("JCEKSFILE", "org.apache.flume.channel.file.encryption.JCEFileKeyProvider");
  private static final String PASSWORD_FILE = ".passwordFile";

  public EncryptionOptions {
    keys = List.copyOf(keys);
    keyOptions = Map.copyOf(keyOptions);
    if (keyProvider.isEmpty()) {
      if (activeKey.isPresent()) {
        throw new ConfigurationException(
            "encryption.activeKey",
            "there is no encryption.keyProvider to take key "
                + activeKey.get()
                + " from; set it to JCEKSFILE, or remove activeKey. Events that were meant to be"
                + " encrypted are never written in clear text");
      }
    } else {
      check(keyProvider.get(), activeKey, keyStoreFile, keyStorePasswordFile, keys, keyOptions);
    }
  }

  /** Nothing is sealed, and nothing sealed can be opened. */
  public static EncryptionOptions none() {
    return new EncryptionOptions(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Map.of());
  }

  private static void check(
      String provider,
      Optional<String> activeKey,
      Optional<Path> keyStoreFile,
      Optional<Path> keyStorePasswordFile,
      List<String> keys,
      Map<String, String> keyOptions) {
    if (!KEY_STORE_PROVIDERS.contains(provider) && !provider.equalsIgnoreCase("JCEKSFILE")) {
      throw new ConfigurationException(
          "encryption.keyProvider",
          provider
              + " can't be used (expected: JCEKSFILE); put its keys into a key store file, by the"
              + " same aliases");
    }
    require("encryption.keyProvider.keyStoreFile", keyStoreFile.isPresent());
    require("encryption.keyProvider.keyStorePasswordFile", keyStorePasswordFile.isPresent());
    require("encryption.keyProvider.keys", !keys.isEmpty());
    require("encryption.activeKey", activeKey.isPresent());
    if (!keys.contains(activeKey.orElseThrow())) {
      throw new ConfigurationException(
          "encryption.activeKey",
          activeKey.get() + " is not among encryption.keyProvider.keys (" + keys + ")");
    }
    for (String option : keyOptions.keySet()) {
      if (!option.endsWith(PASSWORD_FILE)
          || !keys.contains(option.substring(0, option.length() - PASSWORD_FILE.length()))) {
        throw new ConfigurationException(
            "encryption.keyProvider.keys." + option,
            "no such option (expected: ALIAS.passwordFile, ALIAS one of " + keys + ")");
      }
    }
  }

  private static void require(String option, boolean isPresent) {
    if (!isPresent) {
      throw new ConfigurationException(option, "is required with encryption.keyProvider");
    }
  }

  /**
   * Reads the keys now.
   *
   * @throws ConfigurationException naming the file or the alias that is missing or does not open
   */
  public KeySource keySource() {
    if (keyProvider.isEmpty()) {
      return alias -> Optional.empty();
    }
    Map<String, Path> passwordFiles = new LinkedHashMap<>();
    for (String alias : keys) {
      String own = keyOptions.get(alias + PASSWORD_FILE);
      passwordFiles.put(alias, own == null ? keyStorePasswordFile.orElseThrow() : Path.of(own));
    }
    return KeyStoreKeys.read(
        keyStoreFile.orElseThrow(), keyStorePasswordFile.orElseThrow(), passwordFiles);
  }
}
