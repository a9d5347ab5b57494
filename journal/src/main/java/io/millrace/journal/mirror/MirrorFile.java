/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static io.millrace.journal.mirror.Membership.MEMBERS;

import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An open file of a lane in all its copies. Writes go to each of them, reads to the first that
 * answers. As safe for threads as the files below.
 */
final class MirrorFile implements DiskFile {
  private static final int BLOCK_BYTES = 4096;

  private final List<MemberStore> stores;
  private final Membership membership;
  private final CopyReports reports;
  private final CopiedFile file;
  private final DiskFile[] handles = new DiskFile[MEMBERS];

  /** Of the copy when the handle was opened: one that came back has other files. */
  private final long[] incarnations = new long[MEMBERS];

  private boolean isClosed;

  MirrorFile(
      List<MemberStore> stores, Membership membership, CopyReports reports, CopiedFile file) {
    this.stores = stores;
    this.membership = membership;
    this.reports = reports;
    this.file = file;
  }

  synchronized void attach(int member, DiskFile handle) {
    handles[member] = handle;
    incarnations[member] = membership.incarnation(member);
  }

  /** Opens the file in that copy, unless it is. */
  synchronized DiskFile handle(int member) throws IOException {
    if (isClosed) {
      throw new IOException(file.name + " is closed");
    }
    long incarnation = membership.incarnation(member);
    if (handles[member] != null && incarnations[member] != incarnation) {
      DiskFile left = handles[member];
      handles[member] = null;
      left.close();
    }
    if (handles[member] == null) {
      handles[member] = stores.get(member).open(file.name);
      incarnations[member] = incarnation;
    }
    return handles[member];
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    Outcome outcome = Outcome.ofChange();
    file.lock.lock();
    try {
      for (int member = 0; member < MEMBERS; member++) {
        if (membership.isWritten(member, file)) {
          outcome.run(member, m -> handle(m).write(source.duplicate(), position));
        }
      }
    } finally {
      file.lock.unlock();
    }
    membership.settle(outcome);
    source.position(source.limit());
  }

  @Override
  public void force() throws IOException {
    Outcome outcome = Outcome.ofChange();
    for (int member = 0; member < MEMBERS; member++) {
      if (membership.isWritten(member, file)) {
        outcome.run(member, m -> handle(m).force());
      }
    }
    membership.settle(outcome);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int start = target.position();
    IOException failure = null;
    int failed = -1;
    for (int member = 0; member < MEMBERS; member++) {
      if (membership.isInSync(member)) {
        try {
          int bytes = handle(member).read(target, position);
          if (failure != null) {
            rewrite(failed, member, position, bytes);
          }
          return bytes;
        } catch (IOException e) {
          target.position(start);
          failed = member;
          if (failure != null) {
            e.addSuppressed(failure);
          }
          failure = e;
        }
      }
    }
    throw failure == null ? new IOException(file.name + ": no copy can be read") : failure;
  }

  /**
   * Writes again what one copy can't read, which most disks answer by giving the block another
   * place. A copy that can't be read even then is left out.
   */
  private void rewrite(int bad, int good, long position, int bytes) throws IOException {
    Outcome outcome = Outcome.ofChange();
    outcome.run(good, m -> {});
    int[] count = {0};
    // Nobody writes these blocks between reading them in one copy and writing them in the other.
    file.lock.lock();
    try {
      ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
      outcome.run(
          bad,
          m -> {
            for (long at = position; at < position + bytes; at += BLOCK_BYTES) {
              if (!canRead(m, block, at)) {
                handle(good).read(block.clear(), at);
                handle(m).write(block.flip(), at);
                handle(m).read(block.clear(), at);
                count[0]++;
              }
            }
            if (count[0] > 0) {
              handle(m).force();
            }
          });
    } finally {
      file.lock.unlock();
    }
    membership.settle(outcome);
    if (!outcome.hasFailure() && count[0] > 0) {
      reports.rewritten(bad, file.name, position, count[0]);
    }
  }

  private boolean canRead(int member, ByteBuffer block, long position) {
    try {
      handle(member).read(block.clear(), position);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public int copies() {
    return membership.isInSync(0) && membership.isInSync(1) ? MEMBERS : 1;
  }

  @Override
  public int readCopy(int copy, ByteBuffer target, long position) throws IOException {
    if (!membership.isInSync(copy)) {
      throw new IOException(file.name + ": copy " + copy + " is out of use");
    }
    return handle(copy).read(target, position);
  }

  @Override
  public void repairCopy(int copy, ByteBuffer source, long position) throws IOException {
    if (!membership.isInSync(copy)) {
      return;
    }
    Outcome outcome = Outcome.ofChange();
    outcome.run(1 - copy, m -> {});
    file.lock.lock();
    try {
      outcome.run(
          copy,
          m -> {
            handle(m).write(source, position);
            handle(m).force();
          });
    } finally {
      file.lock.unlock();
    }
    membership.settle(outcome);
  }

  /** Of the longest copy: one may have been cut short. */
  @Override
  public long sizeBytes() throws IOException {
    long size = -1;
    IOException failure = null;
    for (int member = 0; member < MEMBERS; member++) {
      if (membership.isInSync(member)) {
        try {
          size = Math.max(size, handle(member).sizeBytes());
        } catch (IOException e) {
          failure = e;
        }
      }
    }
    if (size < 0) {
      throw failure == null ? new IOException(file.name + ": no copy can be read") : failure;
    }
    return size;
  }

  @Override
  public synchronized void close() throws IOException {
    isClosed = true;
    IOException failure = null;
    for (int member = 0; member < MEMBERS; member++) {
      try {
        if (handles[member] != null) {
          handles[member].close();
        }
      } catch (IOException e) {
        failure = e;
      }
      handles[member] = null;
    }
    if (failure != null) {
      throw failure;
    }
  }
}
