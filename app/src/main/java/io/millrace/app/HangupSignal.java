/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** {@code SIGHUP}, where there is such a thing. It would end the process else. */
final class HangupSignal {
  private static final Logger log = LoggerFactory.getLogger(HangupSignal.class);

  private HangupSignal() {}

  /**
   * From now on the signal has {@code action} done, on a thread of the JVM's that must not wait.
   */
  static void answerWith(Runnable action) {
    try {
      SignalHandler before = Signal.handle(new Signal("HUP"), signal -> action.run());
      if (before == SignalHandler.SIG_IGN) {
        // The JVM keeps to what it was started with, which nohup is for.
        log.info("SIGHUP has no effect: the agent was started with it ignored, as nohup does");
      }
    } catch (IllegalArgumentException e) {
      log.debug("SIGHUP is not answered: {}", e.getMessage());
    }
  }
}
