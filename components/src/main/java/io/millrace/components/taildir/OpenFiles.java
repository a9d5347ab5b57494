/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The handles of followed files, {@code maxOpenFiles} at most: one more takes the place of the one
 * that is of least use. Confined to the source's thread.
 */
final class OpenFiles {
  private final int maxOpenFiles;
  private final FileAccess access;
  private final Troubles troubles;
  private final Consumer<TailedFile> forget;
  private final Map<FileId, TailedFile> files = new LinkedHashMap<>();

  /**
   * @param forget told of a file that is gone and was closed, so that nothing is left to follow
   */
  OpenFiles(int maxOpenFiles, FileAccess access, Troubles troubles, Consumer<TailedFile> forget) {
    this.maxOpenFiles = maxOpenFiles;
    this.access = access;
    this.troubles = troubles;
    this.forget = forget;
  }

  int count() {
    return files.size();
  }

  boolean hasRoom() {
    return files.size() < maxOpenFiles;
  }

  /** The open files now, copied. */
  List<TailedFile> list() {
    return List.copyOf(files.values());
  }

  /** Opens the file if need be; false when it can't be now, which is said and tried again. */
  boolean open(TailedFile file, long nowNanos) {
    if (file.isOpen()) {
      return !file.hasFailed || file.isGone || reopen(file);
    }
    if (!hasRoom() && !closeLeastUseful()) {
      return false;
    }
    try {
      if (!leadsTo(file)) {
        return false;
      }
      file.handle = access.open(file.path());
      files.put(file.id(), file);
      // The path may have been given to another file between the two looks.
      if (!leadsTo(file)) {
        close(file);
        return false;
      }
      long sizeBytes = file.handle.sizeBytes();
      if (sizeBytes != file.sizeBytes) {
        file.sizeBytes = sizeBytes;
        file.lastChangeNanos = nowNanos;
      }
      return true;
    } catch (IOException e) {
      failed(file, e);
      return false;
    }
  }

  /** After a failed read a fresh handle may do better, but the old one is kept until then. */
  private boolean reopen(TailedFile file) {
    try {
      if (leadsTo(file)) {
        FileAccess.OpenedFile fresh = access.open(file.path());
        if (leadsTo(file)) {
          file.close();
          file.handle = fresh;
        } else {
          fresh.close();
        }
      }
      return true;
    } catch (IOException e) {
      failed(file, e);
      return false;
    }
  }

  private boolean leadsTo(TailedFile file) throws IOException {
    FileFacts facts = access.stat(file.path());
    return facts != null && facts.id().equals(file.id());
  }

  /** Closes the open file that was idle longest, but none whose lines only its handle reaches. */
  private boolean closeLeastUseful() {
    TailedFile best = null;
    for (TailedFile file : files.values()) {
      if (file.isGone && (file.hasUnread() || file.batchesInFlight() > 0)) {
        continue;
      }
      if (best == null
          || (best.hasUnread() && !file.hasUnread())
          || (best.hasUnread() == file.hasUnread()
              && file.lastChangeNanos - best.lastChangeNanos < 0)) {
        best = file;
      }
    }
    if (best == null) {
      return false;
    }
    close(best);
    if (best.isGone) {
      forget.accept(best);
    }
    return true;
  }

  /** A read failed: it is tried again with the next scan. */
  void failed(TailedFile file, IOException reason) {
    troubles.unreadable(file, reason);
    file.hasFailed = true;
  }

  /** {@code fresh} has taken over the handle of the file of its identity. */
  void replace(TailedFile fresh) {
    if (fresh.isOpen()) {
      files.put(fresh.id(), fresh);
    }
  }

  void close(TailedFile file) {
    file.close();
    files.remove(file.id());
  }

  void closeAll() {
    list().forEach(this::close);
  }
}
