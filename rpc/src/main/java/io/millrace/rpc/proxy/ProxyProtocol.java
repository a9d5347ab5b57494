/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

/** Whether connections begin with a PROXY header. */
public enum ProxyProtocol {
  /** What looks like one is the client's own bytes. */
  OFF,

  /** A connection without one is closed. */
  REQUIRED,

  /** From trusted addresses there may be one; from others none is looked for. */
  OPTIONAL
}
