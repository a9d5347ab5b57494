/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.deserializer.AvroDeserializerOptions;
import io.millrace.components.deserializer.AvroDeserializerOptions.SchemaType;
import io.millrace.components.testing.ToyOutput.Pending;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers whose blocks hold more records than may be in flight: marks lie far behind. */
class SpooledContainerTest {
  private static final int RECORDS = 5_000;

  @TempDir private Path temporary;

  private SpoolerHarness harness;

  @BeforeEach
  void harness() {
    harness = new SpoolerHarness(temporary);
    harness.deserializer = new AvroDeserializerOptions(SchemaType.HASH);
    harness.batchSize = 10;
  }

  @Test
  void everyRecordComesOnceThoughChannelsAnswerInTheMiddleOfABlock() throws IOException {
    harness.write("a.avro", container());
    harness.start();
    harness.settle();

    assertThat(numbers()).isEqualTo(IntStream.range(0, RECORDS).boxed().toList());
  }

  @Test
  void aSourceThatIsKilledInTheMiddleOfABlockGoesOnWhereItStood() throws IOException {
    harness.write("a.avro", container());
    harness.output.hold();
    harness.start();
    harness.settle();
    harness.output.pending().stream().limit(7).forEach(Pending::accept);
    harness.settle();
    harness.start();
    harness.output.release();
    harness.settle();

    assertThat(numbers()).containsAll(IntStream.range(0, RECORDS).boxed().toList());
  }

  private static byte[] container() throws IOException {
    Schema schema = Schema.create(Schema.Type.STRING);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<String> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setSyncInterval(1 << 20).create(schema, bytes);
      for (int i = 0; i < RECORDS; i++) {
        writer.append("n" + i);
      }
    }
    return bytes.toByteArray();
  }

  private List<Integer> numbers() {
    return harness.output.bodies().stream()
        .map(body -> Integer.valueOf(body.substring(body.indexOf('n') + 1)))
        .toList();
  }
}
