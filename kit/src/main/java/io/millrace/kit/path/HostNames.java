/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this host is called, asked for once a template is compiled. Immutable. */
public record HostNames(String name, String address, String fullName) {
  /** Asks the system; {@code localhost} and {@code 127.0.0.1} when it does not know. */
  public static HostNames ofThisHost() {
    try {
      InetAddress host = InetAddress.getLocalHost();
      return new HostNames(host.getHostName(), host.getHostAddress(), host.getCanonicalHostName());
    } catch (UnknownHostException e) {
      return new HostNames("localhost", "127.0.0.1", "localhost");
    }
  }
}
