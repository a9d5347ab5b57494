/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import io.millrace.api.ConfigurationException;
import io.millrace.api.TransientException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** A key store or trust store on disk. Immutable. */
record StoreFile(String option, Path path, Optional<String> password, String type) {
  static final String DEFAULT_TYPE = "JKS";

  /**
   * Who vouches for the other side: a trust store as configured, or the process-wide one, or the
   * JVM's own.
   */
  static TrustManager[] trustManagers(
      Optional<Path> path, Optional<String> password, Optional<String> type, TlsFallbacks fallbacks)
      throws GeneralSecurityException {
    Optional<StoreFile> file =
        path.or(() -> fallbacks.truststorePath().map(Path::of))
            .map(
                found ->
                    new StoreFile(
                        "truststore",
                        found,
                        password.or(fallbacks::truststorePassword),
                        type.or(fallbacks::truststoreType).orElse(DEFAULT_TYPE)));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(file.map(StoreFile::load).orElse(null));
    return trust.getTrustManagers();
  }

  /**
   * Reads the store.
   *
   * @throws TransientException when the file cannot be read now
   * @throws ConfigurationException when its content, password or type is wrong
   */
  KeyStore load() {
    try (InputStream content = Files.newInputStream(path)) {
      KeyStore store = KeyStore.getInstance(type);
      store.load(content, password.map(String::toCharArray).orElse(null));
      return store;
    } catch (IOException e) {
      if (e.getCause() instanceof UnrecoverableKeyException) {
        throw new ConfigurationException(
            option, option + " " + path + ": the password does not open it");
      }
      if (Files.isReadable(path)) {
        throw new ConfigurationException(
            option, option + " " + path + ": not a " + type + " store: " + e.getMessage());
      }
      throw new TransientException(
          option + " " + path + ": cannot be read: " + e.getClass().getSimpleName(), e);
    } catch (GeneralSecurityException e) {
      throw new ConfigurationException(
          option, option + " " + path + ": not a usable " + type + " store: " + e.getMessage());
    }
  }
}
