/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What goes into the files of one directory and prefix, one file at a time. Guarded by the lock of
 * {@link Buckets}, but for {@code file} and {@code replicaRolls}, which are the turn's alone.
 */
final class Bucket {
  final String key;
  final String directory;
  final String prefix;

  final Deque<Part> queue = new ArrayDeque<>();

  /** Whether a turn of it is running or waiting to run. */
  boolean isScheduled;

  /** Whether the open file is to be closed at the next turn. */
  boolean mustClose;

  /** Turns that failed since one did not. */
  int failures;

  long pausedUntilNanos;

  /** Whether there is an open file, since when, and when it was last written to. */
  boolean hasFile;

  long openedNanos;
  long writtenNanos;

  /** The open file, if any. */
  OutFile file;

  /** Files in a row that were closed because their block had too few copies. */
  int replicaRolls;

  Bucket(String key, String directory, String prefix) {
    this.key = key;
    this.directory = directory;
    this.prefix = prefix;
  }
}
