/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

/** What the file system says of a path, links followed. Immutable. */
record FileFacts(
    FileId id, long sizeBytes, long modifiedNanos, boolean isRegular, boolean isDirectory) {}
