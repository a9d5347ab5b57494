/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;

/** What a source that gets datagrams does with many of them. Immutable. */
public record DatagramOptions(
    @Option(doc = "Most events in a batch.", def = "100", min = 1, max = 100_000) int batchSize,
    @Option(
            name = "receive-buffer",
            doc =
                "Buffer of the kernel (SO_RCVBUF) for what comes while the channels are full or the"
                    + " agent is busy; what it has no room for is dropped and counted. The kernel"
                    + " gives no more than net.core.rmem_max.",
            def = "8MiB",
            min = 1024,
            max = 1 << 30,
            bareUnit = BareUnit.BYTES)
        DataSize receiveBuffer,
    @Option(
            name = "max-bytes-in-flight",
            doc =
                "Bytes of events that wait for the channels; nothing is read beyond that, and what"
                    + " comes then has the receive-buffer.",
            def = "32MiB",
            min = 1,
            bareUnit = BareUnit.BYTES)
        DataSize maxBytesInFlight) {

  public static final DatagramOptions PLAIN =
      new DatagramOptions(100, DataSize.ofBytes(8 << 20), DataSize.ofBytes(32 << 20));
}
