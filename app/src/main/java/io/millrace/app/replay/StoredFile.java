/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

/**
 * A file as it was when the replay was planned; what is written to it later is not replayed.
 * Immutable.
 *
 * @param bytes how many of it are read
 * @param modifiedMillis when it was last written to, since 1970
 * @param isLive whether somebody may have been writing it then: its end may be unfinished
 */
record StoredFile(
    String name, long bytes, long modifiedMillis, StoredFormat format, boolean isLive) {}
