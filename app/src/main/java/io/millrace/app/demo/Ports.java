/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import io.millrace.app.CommandFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Finds free ports on the loopback address. Confined to one thread. */
final class Ports {
  private final Set<Integer> given = new HashSet<>();

  /** The preferred port if it is free, else any that is. */
  int free(int preferred) {
    int port = given.contains(preferred) ? 0 : tryPort(preferred);
    for (int tries = 0; port == 0 && tries < 100; tries++) {
      int candidate = tryPort(0);
      port = given.contains(candidate) ? 0 : candidate;
    }
    if (port == 0) {
      throw new CommandFailedException(1, "No free TCP port was found on the loopback address.");
    }
    given.add(port);
    return port;
  }

  private static int tryPort(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      return 0;
    }
  }
}
