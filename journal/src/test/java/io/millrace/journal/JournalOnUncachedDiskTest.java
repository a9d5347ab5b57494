/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.NioDisk;

/** The same where groups are written past the page cache. */
class JournalOnUncachedDiskTest extends JournalOnRealDiskTest {
  @Override
  Disk disk() {
    return NioDisk.uncached();
  }
}
