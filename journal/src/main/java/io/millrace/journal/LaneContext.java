/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.mirror.MirrorDisk;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * What all lanes of a journal share. Immutable.
 *
 * @param backgrounds for a lane's index, what runs the work that a turn of its owner must not wait
 *     for; called once per lane
 * @param mirror the disk, if it keeps two copies, else null
 * @param random supplies segment ids
 */
record LaneContext(
    UUID journalId,
    JournalOptions options,
    Disk disk,
    MirrorDisk mirror,
    JournalListener listener,
    ConsumerSignal signal,
    LongSupplier nanoClock,
    LongSupplier random,
    IntFunction<Executor> backgrounds) {}
