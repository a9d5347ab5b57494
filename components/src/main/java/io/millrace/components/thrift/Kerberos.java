/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

import io.millrace.api.ConfigurationException;

/** What is said to whoever asks for Kerberos. Stateless. */
final class Kerberos {
  static final String NO_EFFECT = "Kerberos is not provided; see 'kerberos'";

  private Kerberos() {}

  /** Refused rather than ignored: without it, whoever reaches the port would be let in. */
  static void check(boolean isAskedFor) {
    if (isAskedFor) {
      throw new ConfigurationException(
          "kerberos",
          "kerberos = true: Thrift over SASL with Kerberos is not provided (expected: false). Remove"
              + " the option here and at the other end and set ssl = true at both: that encrypts, and"
              + " shows the client who the server is. So that the source knows its clients, set"
              + " client-auth = required there and give Millrace's sinks a keystore; clients of Flume"
              + " have no certificate to show, so let only those hosts reach the port that may");
    }
  }
}
