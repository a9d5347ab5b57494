/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import java.net.InetSocketAddress;

/** Whom a {@link ProxyHeader} tells what it found; called on the event loop of the connection. */
public interface ProxyListener {
  /** Why a connection was closed in front of its first byte. */
  enum Fault {
    /** Begun like a header, and none; or longer than any. */
    MALFORMED("ProxyHeadersMalformed", "the PROXY header is malformed"),
    /** Something else came. */
    MISSING("ProxyHeadersMissing", "it does not begin with a PROXY header"),
    TIMED_OUT("ProxyHeadersTimedOut", "no whole PROXY header in time"),
    UNTRUSTED(
        "ProxyPeersRefused", "its address is not among those whose PROXY headers are believed");

    private final String metric;
    private final String text;

    Fault(String metric, String text) {
      this.metric = metric;
      this.text = text;
    }

    /** Name of the counter of such connections. */
    public String metric() {
      return metric;
    }

    /** For messages; holds nothing that came from the peer. */
    public String text() {
      return text;
    }
  }

  /**
   * Whose connection it is: the client's address as the header has it, or the peer's own where
   * there is no header or it names nobody.
   *
   * @param goOn lets through what is behind the header; nothing is before it runs
   */
  void clientKnown(InetSocketAddress client, Runnable goOn);

  /** The connection is being closed. */
  void headerFailed(Fault fault);
}
