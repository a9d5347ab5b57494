/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** TLS of a component that listens. Immutable. */
public record ServerTlsOptions(
    @Option(doc = "Whether to speak TLS.", def = "false") boolean ssl,
    @Option(doc = "Key store with the certificate of this side.") Optional<Path> keystore,
    @Option(name = "keystore-password", doc = "Password of the key store.", secret = true)
        Optional<String> keystorePassword,
    @Option(name = "keystore-type", doc = "Type of the key store; JKS when not set.")
        Optional<String> keystoreType,
    @OptionGroup TlsSelectionOptions selection) {

  public ServerTlsOptions {
    if (ssl) {
      TlsFallbacks fallbacks = TlsFallbacks.ofProcess();
      if (keystore.isEmpty() && fallbacks.keystorePath().isEmpty()) {
        throw missing("keystore", "javax.net.ssl.keyStore", "FLUME_SSL_KEYSTORE_PATH");
      }
      if (keystorePassword.isEmpty() && fallbacks.keystorePassword().isEmpty()) {
        throw missing(
            "keystore-password", "javax.net.ssl.keyStorePassword", "FLUME_SSL_KEYSTORE_PASSWORD");
      }
    }
  }

  /** No TLS. */
  public static ServerTlsOptions none() {
    return new ServerTlsOptions(
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        TlsSelectionOptions.defaults());
  }

  /**
   * Makes the TLS engine of each connection; empty without TLS. Reads the key store now.
   *
   * @throws ConfigurationException when the key store cannot serve
   * @throws io.millrace.api.TransientException when it cannot be read now
   */
  public Optional<Supplier<SSLEngine>> engines(TlsFallbacks fallbacks) {
    if (!ssl) {
      return Optional.empty();
    }
    StoreFile file =
        new StoreFile(
            "keystore",
            keystore.or(() -> fallbacks.keystorePath().map(Path::of)).orElseThrow(),
            keystorePassword.or(fallbacks::keystorePassword),
            keystoreType.or(fallbacks::keystoreType).orElse(StoreFile.DEFAULT_TYPE));
    SSLContext context;
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(file.load(), file.password().orElseThrow().toCharArray());
      context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
    } catch (GeneralSecurityException e) {
      throw new ConfigurationException(
          "keystore", "keystore " + file.path() + ": cannot be used: " + e.getMessage());
    }
    return Optional.of(
        () -> {
          SSLEngine engine = context.createSSLEngine();
          engine.setUseClientMode(false);
          selection.applyTo(engine, fallbacks);
          return engine;
        });
  }

  private static ConfigurationException missing(String option, String property, String variable) {
    return new ConfigurationException(
        option,
        option
            + " is not set, and ssl = true needs it (expected: the option, the system property "
            + property
            + " or the environment variable "
            + variable
            + ")");
  }
}
