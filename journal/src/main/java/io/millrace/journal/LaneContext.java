/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What all lanes of a journal share. Immutable.
 *
 * @param background runs what a turn of an owner must not wait for
 * @param random supplies segment ids
 */
record LaneContext(
    UUID journalId,
    JournalOptions options,
    Disk disk,
    JournalListener listener,
    ConsumerSignal signal,
    LongSupplier nanoClock,
    LongSupplier random,
    Executor background) {}
