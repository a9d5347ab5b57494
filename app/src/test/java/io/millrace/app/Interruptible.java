/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.util.ArrayList;
import java.util.List;

/** Commands that an interrupt ends, however the tests were started. */
public final class Interruptible {
  private Interruptible() {}

  /**
   * The command, started with the default action for SIGINT. A background job of a shell ignores
   * that signal, its children inherit this, and a JVM leaves an ignored signal alone.
   */
  public static List<String> command(List<String> command) {
    List<String> interruptible = new ArrayList<>(List.of("env", "--default-signal=INT"));
    interruptible.addAll(command);
    return interruptible;
  }
}
