/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.batchfile;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.SerializerOptions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Options of the serializer of batch files. Immutable. */
@Component(
    kind = ComponentKind.SERIALIZER,
    name = "millrace_batch",
    summary =
        "Writes events as they are, headers and all, in blocks with checksum, number and time; for"
            + " second copies that millrace replay sends in again.")
public record BatchSerializerOptions(
    @Option(
            doc = "Bytes of a block before it is written; a flush ends a block early.",
            def = "1048576",
            bareUnit = BareUnit.BYTES,
            min = 1024,
            max = 16 << 20)
        DataSize blockSize)
    implements SerializerOptions {
  @Override
  public EventSerializer.Factory build() {
    return build(new SecureRandom(), InstantSource.system());
  }

  EventSerializer.Factory build(RandomGenerator fileIds, InstantSource clock) {
    return target ->
        new BatchFileWriter(target, Math.toIntExact(blockSize.bytes()), fileIds.nextLong(), clock);
  }
}
