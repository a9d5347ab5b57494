/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A plug-in as somebody else would write it, compiled against the packaged API: its sink {@code
 * picky} appends lines to {@code file}, and rejects those with the word bad in them.
 */
final class PickySink {
  private static final String SOURCE =
      """
      package com.example;

      import io.millrace.api.*;
      import java.nio.ByteBuffer;
      import java.nio.channels.FileChannel;
      import java.nio.charset.StandardCharsets;
      import java.nio.file.*;
      import java.util.List;
      import java.util.concurrent.CompletableFuture;

      @Component(kind = ComponentKind.SINK, name = "picky", summary = "Takes what it likes.")
      public record PickySink(
          @Option(doc = "The file.", required = true) String file,
          @Option(doc = "How long a batch takes at least.", def = "20") int pauseMillis)
          implements SinkOptions {
        public static final class Catalog implements ComponentCatalog {
          @Override public List<Class<? extends ComponentOptions>> components() {
            return List.of(PickySink.class);
          }
        }

        @Override public int batchSize() { return 200; }

        @Override public Sink build(SinkContext context) {
          return (batch, origin) -> {
            StringBuilder taken = new StringBuilder();
            Outcome.Builder outcome = Outcome.builder();
            int index = 0;
            for (EventView event : batch) {
              if (event.bodyText().contains("bad")) {
                outcome.reject(index, "not to my taste");
              } else {
                taken.append(event.bodyText()).append('\\n');
              }
              index++;
            }
            try (FileChannel out = FileChannel.open(Path.of(file),
                StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
              Thread.sleep(pauseMillis);
              ByteBuffer bytes = ByteBuffer.wrap(taken.toString().getBytes(StandardCharsets.UTF_8));
              while (bytes.hasRemaining()) {
                out.write(bytes);
              }
              out.force(true);
            } catch (java.io.IOException | InterruptedException e) {
              return CompletableFuture.failedFuture(e);
            }
            return CompletableFuture.completedFuture(outcome.build());
          };
        }
      }
      """;

  private PickySink() {}

  /** Writes the plug-in {@code picky} below a plug-in directory. */
  static void writeTo(Path plugins) throws IOException {
    Path lib = Files.createDirectories(plugins.resolve("picky/lib"));
    Path work = Files.createDirectories(plugins.resolveSibling("picky-work"));
    PluginJar.write(work, lib.resolve("picky.jar"), "PickySink", SOURCE, "sink\tpicky\t\n");
  }
}
