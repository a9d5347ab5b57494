/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import static io.millrace.app.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {
  @TempDir private Path directory;

  @Test
  void everyLineIsItsOwnAlsoAcrossARotation() throws IOException {
    try (AccessLog log = new AccessLog("web-1", directory, new SplittableRandom(7))) {
      log.append(Instant.EPOCH, 500);
      log.rotate();
      log.append(Instant.EPOCH, 300);
    }

    List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve("access.log.1")));
    assertThat(lines).hasSize(500);
    lines.addAll(Files.readAllLines(directory.resolve("access.log")));
    assertThat(lines).hasSize(800).doesNotHaveDuplicates();
    assertThat(lines.get(0))
        .matches("203\\.0\\.113\\.\\d+ - - \\[.*] \"(GET|POST) /.* HTTP/1\\.1\" \\d{3} \\d+ .*");
  }

  @Test
  void trafficKeepsItsPaceAndEndsWithWholeLines() throws Exception {
    AccessLog log = new AccessLog("web-1", directory, new SplittableRandom(7));
    Traffic traffic = Traffic.start(List.of(log), 10_000);
    Path file = directory.resolve("access.log");

    await().until(() -> Files.readAllLines(file).size() > 1000);
    traffic.stop();

    assertThat(Files.readString(file)).endsWith("\n");
    assertThat(traffic.failure()).isEmpty();
  }
}
