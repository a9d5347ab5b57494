/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of the loopback interface. Stateless. */
public final class FreePort {
  private FreePort() {}

  /** One that nobody listens on now. */
  public static int any() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
