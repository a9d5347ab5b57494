/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import java.util.List;

/**
 * What a client has done so far, in events. At any moment {@code accepted = acknowledged + failed +
 * buffered}. Immutable.
 *
 * @param accepted events taken from the application
 * @param sent events handed to a connection, each try counted
 * @param acknowledged events that a server has acknowledged
 * @param failed events that were accepted and given up: refused by a server, out of time or tries,
 *     or left at the close. A server may have some of them all the same.
 * @param retried events sent again, each time counted
 * @param dropped events not accepted, for want of room or because the client was closed
 * @param buffered events accepted and not settled yet, those under way included
 * @param bufferedBytes what these take, by the client's reckoning; never above the bound
 * @since 0.1
 */
public record ClientStatistics(
    long accepted,
    long sent,
    long acknowledged,
    long failed,
    long retried,
    long dropped,
    long buffered,
    long bufferedBytes,
    List<ServerStatistics> servers) {
  public ClientStatistics {
    servers = List.copyOf(servers);
  }
}
