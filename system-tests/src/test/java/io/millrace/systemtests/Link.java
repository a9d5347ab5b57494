/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The ways in which two agents may speak Avro. */
public enum Link {
  PLAIN,
  DEFLATE,
  TLS;

  /**
   * Options of the listening end.
   *
   * @param source such as {@code a1.sources.r1}
   */
  String sourceOptions(String source, Path keyStore) {
    return switch (this) {
      case PLAIN -> "";
      case DEFLATE -> source + ".compression-type = deflate\n";
      case TLS ->
          """
          %1$s.ssl = true
          %1$s.keystore = %2$s
          %1$s.keystore-password = changeit
          %1$s.keystore-type = PKCS12
          """
              .formatted(source, keyStore);
    };
  }

  /**
   * Options of the calling end.
   *
   * @param sink such as {@code a1.sinks.k1}
   */
  String sinkOptions(String sink, Path keyStore) {
    return switch (this) {
      case PLAIN -> "";
      case DEFLATE -> sink + ".compression-type = deflate\n";
      case TLS ->
          """
          %1$s.ssl = true
          %1$s.truststore = %2$s
          %1$s.truststore-password = changeit
          %1$s.truststore-type = PKCS12
          """
              .formatted(sink, keyStore);
    };
  }

  /** A key for 127.0.0.1 that vouches for itself; the file serves as trust store as well. */
  public static Path newKeyStore(Path directory) {
    Path file = directory.resolve("key.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command =
        List.of(
            keytool.toString(),
            "-genkeypair",
            "-keyalg",
            "RSA",
            "-alias",
            "agent",
            "-dname",
            "CN=localhost",
            "-ext",
            "SAN=ip:127.0.0.1,dns:localhost",
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-storepass",
            "changeit",
            "-keystore",
            file.toString());
    Command keytoolCall = Command.run("keytool", directory, Duration.ofSeconds(120), command);
    if (keytoolCall.status() != 0) {
      throw new IllegalStateException("No key: " + keytoolCall);
    }
    return file;
  }
}
