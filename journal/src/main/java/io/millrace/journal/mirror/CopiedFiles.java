/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The files of a lane by their names. Guarded by the lane's lock. */
final class CopiedFiles {
  private final Map<String, CopiedFile> files = new HashMap<>();

  CopiedFile get(String name) {
    return files.computeIfAbsent(name, CopiedFile::new);
  }

  void created(CopiedFile file) {
    files.put(file.name, file);
  }

  void renamed(CopiedFile file, String to) {
    files.remove(file.name);
    file.name = to;
    CopiedFile replaced = files.put(to, file);
    if (replaced != null) {
      replaced.isDeleted = true;
    }
  }

  void deleted(String name) {
    CopiedFile file = files.remove(name);
    if (file != null) {
      file.isDeleted = true;
    }
  }

  /** The files of these names, for a copy that has none of them yet. */
  List<CopiedFile> toCopy(List<String> names) {
    files.values().forEach(file -> file.isOnTarget = false);
    List<CopiedFile> lacking = new ArrayList<>();
    for (String name : names) {
      lacking.add(get(name));
    }
    return lacking;
  }

  void clear() {
    files.clear();
  }
}
