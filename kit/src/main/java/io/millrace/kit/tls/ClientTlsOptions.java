/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS of a component that connects. Immutable. */
public record ClientTlsOptions(
    @Option(doc = "Whether to speak TLS.", def = "false") boolean ssl,
    @Option(
            name = "trust-all-certs",
            doc = "Whether to take any certificate, which gives secrecy to nobody in particular.",
            def = "false")
        boolean trustAllCerts,
    @Option(
            name = "verify-hostname",
            doc =
                "Whether the server's certificate must name the host that was connected to. Flume"
                    + " never asks for that.",
            def = "true")
        boolean verifyHostname,
    @Option(doc = "Trust store with the certificates to trust; the JVM's own when not set.")
        Optional<Path> truststore,
    @Option(name = "truststore-password", doc = "Password of the trust store.", secret = true)
        Optional<String> truststorePassword,
    @Option(name = "truststore-type", doc = "Type of the trust store; JKS when not set.")
        Optional<String> truststoreType,
    @Option(
            doc =
                "Key store with the certificate that this side shows to a server that asks for one;"
                    + " none when not set.")
        Optional<Path> keystore,
    @Option(name = "keystore-password", doc = "Password of the key store.", secret = true)
        Optional<String> keystorePassword,
    @Option(name = "keystore-type", doc = "Type of the key store; JKS when not set.")
        Optional<String> keystoreType,
    @OptionGroup TlsSelectionOptions selection) {

  public ClientTlsOptions {
    if (ssl && keystore.isPresent() && keystorePassword.isEmpty()) {
      throw new ConfigurationException(
          "keystore-password", "keystore-password is not set, and keystore needs it");
    }
  }

  /** Shows no certificate. */
  public ClientTlsOptions(
      boolean ssl,
      boolean trustAllCerts,
      boolean verifyHostname,
      Optional<Path> truststore,
      Optional<String> truststorePassword,
      Optional<String> truststoreType,
      TlsSelectionOptions selection) {
    this(
        ssl,
        trustAllCerts,
        verifyHostname,
        truststore,
        truststorePassword,
        truststoreType,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        selection);
  }

  /** No TLS. */
  public static ClientTlsOptions none() {
    return new ClientTlsOptions(
        false,
        false,
        true,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        TlsSelectionOptions.defaults());
  }

  /**
   * Makes the TLS engine of each connection to {@code host}; empty without TLS. Reads the trust
   * store now.
   *
   * @throws ConfigurationException when the trust store cannot serve
   * @throws io.millrace.api.TransientException when it cannot be read now
   */
  public Optional<Supplier<SSLEngine>> engines(String host, int port, TlsFallbacks fallbacks) {
    if (!ssl) {
      return Optional.empty();
    }
    SSLContext context = context(trustManagers(fallbacks));
    Supplier<SSLEngine> engines =
        () -> {
          SSLEngine engine = context.createSSLEngine(host, port);
          engine.setUseClientMode(true);
          selection.applyTo(engine, fallbacks);
          if (verifyHostname && !trustAllCerts) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
          }
          return engine;
        };
    // What leaves nothing to choose from is said now, not by each connection.
    SSLEngine probe = engines.get();
    probe.closeOutbound();
    return Optional.of(engines);
  }

  /** What Java's own HTTP client takes to speak TLS. Immutable but for what it holds. */
  public record ForHttp(SSLContext context, SSLParameters parameters) {}

  /**
   * TLS for Java's own HTTP client, whether {@code ssl} is set or not. Reads the trust store now.
   *
   * @throws ConfigurationException when the trust store cannot serve
   * @throws io.millrace.api.TransientException when it cannot be read now
   */
  public ForHttp forHttp(TlsFallbacks fallbacks) {
    TrustManager[] trust = trustManagers(fallbacks);
    // That client always asks for the host's name in the certificate, and has no switch for it.
    SSLContext context =
        context(trustAllCerts || verifyHostname ? trust : NameBlindTrust.around(trust));
    SSLEngine probe = context.createSSLEngine();
    selection.applyTo(probe, fallbacks);
    probe.closeOutbound();
    return new ForHttp(
        context, new SSLParameters(probe.getEnabledCipherSuites(), probe.getEnabledProtocols()));
  }

  private SSLContext context(TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(), trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new ConfigurationException("truststore", "TLS cannot be set up: " + e.getMessage());
    }
  }

  private KeyManager[] keyManagers() throws GeneralSecurityException {
    if (keystore.isEmpty()) {
      return null;
    }
    StoreFile file =
        new StoreFile(
            "keystore",
            keystore.get(),
            keystorePassword,
            keystoreType.orElse(StoreFile.DEFAULT_TYPE));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(file.load(), keystorePassword.orElseThrow().toCharArray());
    return keys.getKeyManagers();
  }

  private TrustManager[] trustManagers(TlsFallbacks fallbacks) {
    if (trustAllCerts) {
      return new TrustManager[] {new TrustingAll()};
    }
    try {
      return StoreFile.trustManagers(truststore, truststorePassword, truststoreType, fallbacks);
    } catch (GeneralSecurityException e) {
      throw new ConfigurationException("truststore", "TLS cannot be set up: " + e.getMessage());
    }
  }

  /** Asked for by {@code trust-all-certs}. Immutable. */
  private static final class TrustingAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
