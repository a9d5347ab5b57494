/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

class SpoolDirContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    return new Fixture(
        new SpoolerHarness(directory).options(),
        Files.createDirectory(directory.resolve("aside")),
        new AtomicInteger());
  }

  private record Fixture(SpoolDirOptions options, Path aside, AtomicInteger files)
      implements SourceFixture {
    @Override
    public Source build(SourceContext context) {
      return options.build(context);
    }

    /** A file that stands in the directory is taken over. */
    private void put(byte[] content) throws IOException {
      String name = "file-" + files.incrementAndGet();
      Path written = Files.write(aside.resolve(name), content);
      Files.move(written, options.spoolDir().resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      put((String.join("\n", bodies) + "\n").getBytes(StandardCharsets.UTF_8));
      return new HashSet<>(bodies);
    }

    /** No text: the file is set aside. */
    @Override
    public void offerGarbage() throws IOException {
      put(new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0xfd, '\n'});
    }

    @Override
    public long maxBytesInFlight() {
      return 8 << 20;
    }
  }
}
