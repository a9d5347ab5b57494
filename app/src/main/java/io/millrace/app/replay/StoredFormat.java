/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.io.IOException;
import java.nio.file.Path;

/** How a stored file is written: the serializers of the sinks. */
enum StoredFormat {
  MILLRACE_BATCH,
  AVRO_EVENT,
  TEXT,
  HEADER_AND_TEXT;

  /** Opens a file of this format. */
  StoredEvents open(StoredFile file, Path directory, FileFindings findings) throws IOException {
    Path path = directory.resolve(file.name());
    return switch (this) {
      case MILLRACE_BATCH -> new BatchFileEvents(path, file, findings);
      case AVRO_EVENT -> new AvroContainerEvents(path, file, findings);
      case TEXT -> new LineEvents(path, file, findings, LineEvents.Form.BODY);
      case HEADER_AND_TEXT ->
          new LineEvents(path, file, findings, LineEvents.Form.HEADERS_AND_BODY);
    };
  }
}
