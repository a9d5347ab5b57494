/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads the files of a directory, each once.
 *
 * <p>Promise: no event of a file is lost, and none is delivered twice without a crash; after a kill
 * at most what was in flight comes again, after a power cut at most what was read since the last
 * sync of the positions, a second or so. A file that cannot be read as it should is set aside where
 * it stands, with a mark in its name, and the others go on.
 *
 * <p>One thread takes turns ({@link io.millrace.components.spooldir.Spooler#turn}): it settles what
 * the channels answered, finishes files, looks at the directory, and reads. Positions are kept by
 * {@link io.millrace.components.spooldir.PositionSlots}.
 */
package io.millrace.components.spooldir;
