/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Scene;
import java.nio.file.Path;

/**
 * Hosts, each with one link to all the others that can be cut and slowed. Confined to one thread.
 */
interface Network extends AutoCloseable {
  /** Enough for the load of the test, and slow enough that its batches take a while. */
  int SLOW_BITS_PER_SECOND = 768_000;

  /**
   * Network namespaces; where they are not permitted, loopback addresses, and a line that says so.
   * {@code -Dmillrace.hosts.network=namespaces} or {@code loopback} asks for one.
   */
  static Network open(Path work) {
    String wanted = System.getProperty("millrace.hosts.network", "any");
    if (!wanted.equals("loopback")) {
      try {
        return Namespaces.open(work);
      } catch (NotPermittedException e) {
        if (wanted.equals("namespaces")) {
          throw e;
        }
        Scene.say(
            "Network namespaces are not permitted here; the hosts are loopback addresses, and their"
                + " links are relays of the test. "
                + e.getMessage());
      }
    }
    return new Loopback();
  }

  /** A new host. */
  Host add(String name);

  /** Where {@code from} finds that port of {@code to}. */
  Place route(Host from, Host to, int port);

  /** What others see as the address of whoever calls from that host. */
  String callerAddress(Host host);

  /** Nothing reaches the host or leaves it any more, and nobody is told. */
  void cut(Host host);

  /** Ends what {@link #cut} or {@link #slow} did. */
  void restore(Host host);

  /** Everything to the host and from it takes longer. */
  void slow(Host host);

  /** Takes its link away for good. */
  void drop(Host host);

  /** What the hosts and links are made of. */
  String description();

  @Override
  void close();

  /** This machine does not let us have such a network. */
  final class NotPermittedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotPermittedException(String message) {
      super(message);
    }
  }
}
