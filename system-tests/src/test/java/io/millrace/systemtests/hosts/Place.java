/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

/** Where somebody listens, as somebody else calls it. Immutable. */
record Place(String address, int port) {

  @Override
  public String toString() {
    return address + ":" + port;
  }
}
