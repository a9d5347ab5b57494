/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

/** What stays of a file when it is renamed: device and inode number. Immutable. */
record FileId(long device, long inode) {}
