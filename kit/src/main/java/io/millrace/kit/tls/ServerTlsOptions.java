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
import javax.net.ssl.TrustManager;

/** TLS of a component that listens. Immutable. */
public record ServerTlsOptions(
    @Option(aliases = "enableSSL", doc = "Whether to speak TLS.", def = "false") boolean ssl,
    @Option(doc = "Key store with the certificate of this side.") Optional<Path> keystore,
    @Option(
            name = "keystore-password",
            aliases = "keystorePassword",
            doc = "Password of the key store.",
            secret = true)
        Optional<String> keystorePassword,
    @Option(name = "keystore-type", doc = "Type of the key store; JKS when not set.")
        Optional<String> keystoreType,
    @Option(
            name = "client-auth",
            doc = "Whether clients are asked for a certificate that the trust store vouches for.",
            def = "none")
        ClientAuthentication clientAuthentication,
    @Option(
            doc =
                "Trust store for the certificates of clients; the JVM's own when not set. Only with"
                    + " client-auth.")
        Optional<Path> truststore,
    @Option(name = "truststore-password", doc = "Password of the trust store.", secret = true)
        Optional<String> truststorePassword,
    @Option(name = "truststore-type", doc = "Type of the trust store; JKS when not set.")
        Optional<String> truststoreType,
    @OptionGroup TlsSelectionOptions selection) {

  /** Asks no client for a certificate. */
  public ServerTlsOptions(
      boolean ssl,
      Optional<Path> keystore,
      Optional<String> keystorePassword,
      Optional<String> keystoreType,
      TlsSelectionOptions selection) {
    this(
        ssl,
        keystore,
        keystorePassword,
        keystoreType,
        ClientAuthentication.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        selection);
  }

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
      TrustManager[] trust =
          clientAuthentication == ClientAuthentication.NONE
              ? null
              : StoreFile.trustManagers(truststore, truststorePassword, truststoreType, fallbacks);
      context.init(keys.getKeyManagers(), trust, null);
    } catch (GeneralSecurityException e) {
      throw new ConfigurationException(
          "keystore", "keystore " + file.path() + ": cannot be used: " + e.getMessage());
    }
    Supplier<SSLEngine> engines =
        () -> {
          SSLEngine engine = context.createSSLEngine();
          engine.setUseClientMode(false);
          clientAuthentication.applyTo(engine);
          selection.applyTo(engine, fallbacks);
          return engine;
        };
    // What leaves nothing to choose from is said now, not by each connection.
    SSLEngine probe = engines.get();
    probe.closeOutbound();
    return Optional.of(engines);
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
