/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import javax.net.ssl.SSLEngine;

/** Whether a listening side asks its clients for a certificate. */
public enum ClientAuthentication {
  /** It does not. */
  NONE,
  /** It asks; a client without one is served, one with an untrusted one is not. */
  OPTIONAL,
  /** A client without a trusted one is not served. */
  REQUIRED;

  void applyTo(SSLEngine engine) {
    switch (this) {
      case NONE -> engine.setNeedClientAuth(false);
      case OPTIONAL -> engine.setWantClientAuth(true);
      case REQUIRED -> engine.setNeedClientAuth(true);
    }
  }
}
