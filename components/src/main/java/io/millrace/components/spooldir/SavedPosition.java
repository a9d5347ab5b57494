/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

/**
 * How far a file was delivered. Immutable.
 *
 * @param path below the directory
 * @param facts of the file as it was read; null for a position of Flume's, which has none
 * @param mark of the deserializer
 * @param events delivered behind the mark
 * @param isFinished whether all of it was delivered
 */
record SavedPosition(String path, FileFacts facts, long mark, long events, boolean isFinished) {}
