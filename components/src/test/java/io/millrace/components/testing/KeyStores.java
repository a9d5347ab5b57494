/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Key stores that the JDK's keytool makes; all have the alias {@code k}. */
public final class KeyStores {
  public static final String PASSWORD = "changeit";

  private KeyStores() {}

  /** A PKCS12 store with a key and a self-signed certificate of that host. */
  public static Path of(Path path, String host) throws Exception {
    return of(path, host, "PKCS12");
  }

  /**
   * A store of that type with a key and a self-signed certificate of that host.
   *
   * @param more arguments of {@code -genkeypair}
   */
  public static Path of(Path path, String host, String type, String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC"));
    arguments.addAll(List.of("-dname", "CN=" + host, "-ext", "SAN=dns:" + host));
    arguments.addAll(List.of("-storetype", type, "-keypass", PASSWORD));
    arguments.addAll(List.of(more));
    keytool(path, arguments.toArray(String[]::new));
    return path;
  }

  /** Calls keytool on a store; the alias is {@code k} unless said. */
  public static void keytool(Path store, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    if (!command.contains("-alias")) {
      command.addAll(List.of("-alias", "k"));
    }
    Path said = store.resolveSibling("keytool.log");
    Process keytool =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(keytool.waitFor()).as(Files.readString(said)).isZero();
  }
}
