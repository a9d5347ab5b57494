/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.codec.PayloadCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * What is inspected, and with which keys. Immutable.
 *
 * @param checkpointDirectories the checkpoint's and that of its backup; none if they are not known
 * @param copies of each lane, as configured; empty for what the state files say
 */
public record InspectionTarget(
    List<Path> checkpointDirectories,
    List<Path> dataDirectories,
    PayloadCodec codec,
    OptionalInt copies) {
  public InspectionTarget {
    checkpointDirectories = List.copyOf(checkpointDirectories);
    dataDirectories = List.copyOf(dataDirectories);
  }
}
