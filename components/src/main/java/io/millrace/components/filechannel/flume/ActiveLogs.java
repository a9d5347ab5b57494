/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeSet;
import org.slf4j.LoggerFactory;

/**
 * The data files that Flume's last checkpoint refers to. It is needed for nothing else: whether one
 * of them is not there. Stateless.
 */
final class ActiveLogs {
  private static final String META = "checkpoint.meta";

  private ActiveLogs() {}

  static void warnOfMissing(String channel, Disk disk, Path folder, LogCatalog catalog)
      throws IOException {
    Path meta = folder.resolve(META);
    if (!disk.exists(meta)) {
      return;
    }
    TreeSet<Integer> missing = new TreeSet<>();
    try {
      missing.addAll(decode(LogMeta.content(disk, meta)));
    } catch (UndecodableException e) {
      return;
    }
    missing.removeIf(id -> catalog.file(id) != null);
    if (!missing.isEmpty()) {
      LoggerFactory.getLogger(ActiveLogs.class)
          .error(
              "Channel {}: by the checkpoint of Apache Flume there were events in the data files"
                  + " with the numbers {}, which are in none of dataDirs. They are not delivered",
              channel,
              missing);
    }
  }

  private static TreeSet<Integer> decode(byte[] bytes) throws UndecodableException {
    TreeSet<Integer> active = new TreeSet<>();
    ProtoCursor meta = new ProtoCursor(bytes, 0, bytes.length).nested();
    while (meta.next()) {
      if (meta.is(5, ProtoCursor.LENGTH_DELIMITED)) {
        ProtoCursor log = meta.nested();
        int id = 0;
        int count = 0;
        while (log.next()) {
          if (log.is(1, ProtoCursor.FIXED_32)) {
            id = log.fixed32();
          } else if (log.is(2, ProtoCursor.FIXED_32)) {
            count = log.fixed32();
          } else {
            log.skip();
          }
        }
        if (count > 0) {
          active.add(id);
        }
      } else {
        meta.skip();
      }
    }
    return active;
  }
}
