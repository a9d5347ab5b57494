/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.file.Path;

/** How far a file has been delivered; one entry of the position file. Immutable. */
record Position(long inode, long position, Path path, Mark mark) {}
