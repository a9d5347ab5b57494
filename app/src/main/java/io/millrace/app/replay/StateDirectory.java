/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.nio.file.Path;

/** Where states are kept that nobody gave a place. Immutable. */
record StateDirectory(Path path) {
  /** That of the user, as desktop and server systems agree on it. */
  static StateDirectory ofUser() {
    String state = System.getenv("XDG_STATE_HOME");
    return new StateDirectory(
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state", "millrace")
            : Path.of(state, "millrace"));
  }

  /** A file for each different request. */
  Path resolve(ReplayRequest request) {
    return path.resolve("replay-" + request.fingerprint() + ".json");
  }
}
