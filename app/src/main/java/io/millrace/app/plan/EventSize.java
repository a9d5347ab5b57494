/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

/**
 * Sizes of one event. Immutable.
 *
 * @param wireBytes on the network and in files, headers included
 * @param storedBytes in a file channel, once
 */
record EventSize(double wireBytes, double storedBytes, String wire, String stored) {
  static EventSize of(PlanInput input, Measured measured) {
    double overhead = measured.value("event-overhead");
    double wire = input.bodyBytes() + overhead;
    String wireText = "(" + Units.plain(input.bodyBytes()) + " + " + Units.plain(overhead) + ") B";
    boolean isPacked = input.compression() > 1;
    return new EventSize(
        wire,
        wire / input.compression(),
        wireText,
        wireText + (isPacked ? " / " + Units.plain(input.compression()) : ""));
  }
}
