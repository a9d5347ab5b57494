/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

final class AvroBinaryTest {
  @Property
  void longsAreWrittenAsAvroWritesThemAndReadBack(@ForAll long value)
      throws IOException, MalformedBatchException {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(expected, null);
    encoder.writeLong(value);
    encoder.flush();
    byte[] bytes = new byte[AvroBinary.MAX_LONG_BYTES + 1];

    int end = AvroBinary.writeLong(value, bytes, 1);

    assertThat(Arrays.copyOfRange(bytes, 1, end)).isEqualTo(expected.toByteArray());
    assertThat(end - 1).isEqualTo(AvroBinary.longBytes(value));
    assertThat(AvroBinary.readLong(bytes, 1, end)).isEqualTo(value);
    assertThat(AvroBinary.readTrusted(bytes, 1)).isEqualTo(value);
    assertThat(AvroBinary.skipLong(bytes, 1)).isEqualTo(end);
    assertThatThrownBy(() -> AvroBinary.readLong(bytes, 1, end - 1))
        .isInstanceOf(MalformedBatchException.class);
  }
}
