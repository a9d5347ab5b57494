/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

/** Why a connection of a server is not read. */
enum Pause {
  FILTER,
  SHARED_BUDGET,
  OWN_LIMIT,
  PEER_READS_NOTHING,
  STOPPING
}
