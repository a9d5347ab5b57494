/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.util.Map;

/** What an agent's exit status says, in words. Stateless. */
final class ExitText {
  static final int STOPPED = 0;
  static final int FAILED = 1;
  static final int NOT_UNDERSTOOD = 2;
  static final int OUT_OF_MEMORY = 3;
  private static final int OF_SIGNAL = 128;
  private static final int SIGKILL = 9;
  static final int TERMINATED = OF_SIGNAL + 15;

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          1,
          "SIGHUP",
          2,
          "SIGINT",
          3,
          "SIGQUIT",
          4,
          "SIGILL",
          6,
          "SIGABRT, as the JVM raises it when it has crashed",
          7,
          "SIGBUS",
          SIGKILL,
          "SIGKILL",
          11,
          "SIGSEGV",
          15,
          "SIGTERM");

  private ExitText() {}

  /**
   * @param isKilledByUs whether the supervisor sent SIGKILL
   */
  static String of(int status, boolean isKilledByUs) {
    if (status > OF_SIGNAL) {
      int signal = status - OF_SIGNAL;
      String name = SIGNALS.getOrDefault(signal, "signal " + signal);
      String by =
          signal != SIGKILL
              ? ""
              : isKilledByUs
                  ? ", by this supervisor"
                  : ", not by this supervisor: by somebody, or by the kernel for want of memory"
                      + " (journalctl -k, dmesg)";
      return "killed by signal " + signal + " (" + name + by + ")";
    }
    String meaning =
        switch (status) {
          case STOPPED -> "stopped in order, though this supervisor had not asked for it";
          case FAILED -> "its configuration cannot run, or events were lost at its stop";
          case NOT_UNDERSTOOD -> "its options were not understood";
          case OUT_OF_MEMORY -> "out of memory";
          default -> "a status that the agent itself does not use";
        };
    return "ended with status " + status + " (" + meaning + ")";
  }
}
