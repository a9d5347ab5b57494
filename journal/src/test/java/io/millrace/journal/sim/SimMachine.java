/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.sim;

import io.millrace.journal.disk.Disk;

/** One disk or several in one machine: they fail by themselves, and lose power together. */
public interface SimMachine extends Disk {
  /** Calls so far that may fail: all but reads and questions. */
  long callCount();

  void failOnce(long call, SimDisk.Fault kind);

  void failFrom(long call, SimDisk.Fault kind);

  /** That call and all after it fail, as if the machine had stopped before it. */
  void powerOffAt(long call);

  boolean isPowerOff();

  /** Whatever was made to fail works again, but for the power. */
  void heal();

  void capacityBytes(long bytes);

  long usedBytes();

  /** Reads fail until {@link #heal}. */
  void failReads();

  /** Syncs succeed and do nothing: proves that a test notices. */
  void ignoreSyncs();

  /** The process ends, the machine goes on: nothing is forgotten, open files and locks are gone. */
  void kill();

  /** The machine stops: part of what was not synced is gone. */
  void crash();
}
