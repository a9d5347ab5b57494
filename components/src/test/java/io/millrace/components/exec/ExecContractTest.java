/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.GrowingFile;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A command that writes a file out from its beginning at each start: so nothing may be missing. */
class ExecContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    return new Fixture(new GrowingFile(directory.resolve("lines")));
  }

  private record Fixture(GrowingFile file) implements SourceFixture {
    private static final String LONG_LINE = "x".repeat(5_000);

    @Override
    public Source build(SourceContext context) {
      return new ExecOptions(
              "tail -n +1 -s 0.05 -f " + file.path(),
              Optional.empty(),
              Duration.ofMillis(100),
              true,
              false,
              100,
              Duration.ofMillis(50),
              StandardCharsets.UTF_8,
              DataSize.ofBytes(2_000),
              MultilineOptions.NONE)
          .build(context);
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      return file.offer(bodies);
    }

    /** A line that is cut, and bytes that are no text. */
    @Override
    public void offerGarbage() throws IOException {
      file.offer(List.of(LONG_LINE));
      file.append(new byte[] {(byte) 0xff, 0, 7, '\n'});
    }

    @Override
    public boolean isOfGarbage(String body) {
      return LONG_LINE.startsWith(body) || body.indexOf(0) >= 0;
    }

    @Override
    public long maxBytesInFlight() {
      return 1 << 20;
    }
  }
}
