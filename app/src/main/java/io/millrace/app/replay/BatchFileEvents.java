/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventBatch;
import io.millrace.components.batchfile.BatchFileReader;
import java.io.IOException;
import java.nio.file.Path;

/** Events that the serializer {@code millrace_batch} wrote. Confined to one thread. */
final class BatchFileEvents implements StoredEvents {
  private final BatchFileReader reader;
  private final FileFindings findings;
  private final long modifiedMillis;
  private long position;

  BatchFileEvents(Path path, StoredFile file, FileFindings findings) throws IOException {
    this.reader = BatchFileReader.open(path, file.bytes());
    this.findings = findings;
    this.modifiedMillis = file.modifiedMillis();
  }

  @Override
  public Run next() throws IOException {
    BatchFileReader.Part part = reader.next();
    if (part == null) {
      return null;
    }
    long readBytes = part.endPosition() - position;
    position = part.endPosition();
    if (part instanceof BatchFileReader.Block block) {
      return new Run(block.events(), block.writtenMillis(), readBytes);
    }
    if (part instanceof BatchFileReader.Damage damage) {
      findings.damaged(damage.position(), damage.endPosition(), damage.lostEvents());
    } else {
      findings.unfinished(part.position(), part.endPosition());
    }
    return new Run(EventBatch.EMPTY, modifiedMillis, readBytes);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
