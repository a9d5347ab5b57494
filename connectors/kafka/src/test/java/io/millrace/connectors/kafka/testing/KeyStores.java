/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import java.nio.file.Path;
import java.util.List;

/** Key stores that the JDK's keytool makes. Stateless. */
public final class KeyStores {
  public static final String PASSWORD = "changeit";

  private KeyStores() {}

  /** A PKCS12 store with a key and a self-signed certificate of that host and of loopback. */
  public static Path of(Path path, String host) throws Exception {
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + host,
                    "-ext",
                    "SAN=dns:" + host,
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    path.toString(),
                    "-storepass",
                    PASSWORD,
                    "-alias",
                    "k"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException("keytool failed for " + path);
    }
    return path;
  }
}
