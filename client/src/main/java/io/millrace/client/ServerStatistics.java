/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

/**
 * One server, as the client has seen it. Immutable.
 *
 * @param isConnected whether a connection stands now
 * @param acknowledgedEvents events that this server has acknowledged
 * @param connects connections that came about
 * @param failures connections, calls and answers that failed; calls that fail together count once
 * @since 0.1
 */
public record ServerStatistics(
    ServerAddress address,
    boolean isConnected,
    long acknowledgedEvents,
    long connects,
    long failures) {}
