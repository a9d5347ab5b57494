/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

/**
 * How a lane's copies are. Immutable.
 *
 * @param inSyncCount copies that hold everything
 * @param bytesToCopy what a copy that is being brought up to date still lacks
 */
public record CopyStatus(int inSyncCount, long bytesToCopy) {
  public static final CopyStatus SINGLE = new CopyStatus(1, 0);
}
