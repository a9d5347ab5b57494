/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Asks another for its trust in a certificate, but not whether it names the host: asked for by
 * {@code verify-hostname = false}. Immutable.
 */
final class NameBlindTrust extends X509ExtendedTrustManager {
  private final X509TrustManager trust;

  private NameBlindTrust(X509TrustManager trust) {
    this.trust = trust;
  }

  /**
   * @param trust null for that of the JVM
   */
  static TrustManager[] around(TrustManager[] trust) {
    return Arrays.stream(trust == null ? ofJvm() : trust)
        .map(
            manager ->
                manager instanceof X509TrustManager x509 ? new NameBlindTrust(x509) : manager)
        .toArray(TrustManager[]::new);
  }

  private static TrustManager[] ofJvm() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((java.security.KeyStore) null);
      return factory.getTrustManagers();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException("The trust store of the JVM cannot be used", e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
