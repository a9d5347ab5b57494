/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What one look at the directories of all groups found. Immutable.
 *
 * @param seen files in the order of the groups
 * @param unknowable paths of files that may be there and could not be looked at
 */
record Survey(List<ScanPlan.Seen> seen, Set<Path> unknowable) {}
