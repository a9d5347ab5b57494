/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.codec.PayloadCodec;
import java.nio.file.Path;
import java.util.List;

/**
 * What is inspected, and with which keys. Immutable.
 *
 * @param checkpointDirectories the checkpoint's and that of its backup; none if they are not known
 */
public record InspectionTarget(
    List<Path> checkpointDirectories, List<Path> dataDirectories, PayloadCodec codec) {
  public InspectionTarget {
    checkpointDirectories = List.copyOf(checkpointDirectories);
    dataDirectories = List.copyOf(dataDirectories);
  }
}
