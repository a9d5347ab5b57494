/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Who the source is to the broker. Immutable; never shown. */
record Credentials(String userName, String password) {
  /**
   * Read at each connection, so that a new password is taken up.
   *
   * @return empty without a user name
   */
  static Optional<Credentials> read(Optional<String> userName, Optional<Path> passwordFile)
      throws JmsFailure {
    if (userName.isEmpty()) {
      return Optional.empty();
    }
    try {
      String password = passwordFile.isEmpty() ? "" : Files.readString(passwordFile.get()).trim();
      return Optional.of(new Credentials(userName.get(), password));
    } catch (IOException e) {
      throw new JmsFailure("passwordFile cannot be read", e);
    }
  }

  @Override
  public String toString() {
    return "Credentials[" + userName + "]";
  }
}
