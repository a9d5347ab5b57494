/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import java.util.List;

/** Parcels under way to a server. Immutable. */
record Call(Server server, List<Parcel> parcels, long sentNanos) {
  int events() {
    return parcels.stream().mapToInt(Parcel::events).sum();
  }
}
