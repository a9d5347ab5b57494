/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.GrowingFile;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

class TaildirContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    return new Fixture(
        new GrowingFile(logs.resolve("app.log")), logs, directory.resolve("positions.json"));
  }

  private record Fixture(GrowingFile file, Path logs, Path positions) implements SourceFixture {
    private static final String LONG_LINE = "x".repeat(5_000);

    @Override
    public Source build(SourceContext context) {
      return new TaildirOptions(
              List.of("g"),
              Map.of("g", logs + "/.*\\.log"),
              positions,
              Map.of(),
              false,
              false,
              Duration.ofSeconds(120),
              Duration.ofMillis(200),
              100,
              Long.MAX_VALUE,
              true,
              false,
              "file",
              Duration.ofMillis(50),
              Duration.ofMillis(100),
              DataSize.ofBytes(2_000),
              100,
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
      return 8 << 20;
    }
  }
}
