/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Follows growing files.
 *
 * <p>Promise: without a crash no line is delivered twice and none is lost, through any rotation
 * that leaves a line readable for one look at the directory; after a crash at most the lines since
 * the last saved position are delivered again. What cannot be kept: lines that are truncated or
 * deleted before they were seen.
 *
 * <p>One thread takes turns ({@link io.millrace.components.taildir.Tailer#turn}): it settles what
 * the channels answered, looks at directories and open files, reads what is new, and saves
 * positions. What a look means is decided by pure code ({@code ScanPlan}, {@code StartPosition});
 * all file access goes through {@code FileAccess}.
 */
package io.millrace.components.taildir;
