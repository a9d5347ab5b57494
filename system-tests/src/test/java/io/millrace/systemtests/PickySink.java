/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

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
    Path work = Files.createDirectories(plugins.resolveSibling("picky-work"));
    Path source = Files.writeString(work.resolve("PickySink.java"), SOURCE);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                said,
                said,
                "-proc:none",
                "-cp",
                jars(Installation.packaged("lib")),
                "-d",
                work.toString(),
                source.toString());
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    Path lib = Files.createDirectories(plugins.resolve("picky/lib"));
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(lib.resolve("picky.jar")))) {
      for (String name : new String[] {"PickySink", "PickySink$Catalog"}) {
        put(
            jar,
            "com/example/" + name + ".class",
            Files.readAllBytes(work.resolve("com/example/" + name + ".class")));
      }
      put(
          jar,
          "META-INF/services/io.millrace.api.ComponentCatalog",
          "com.example.PickySink$Catalog\n".getBytes(StandardCharsets.UTF_8));
      put(
          jar,
          "META-INF/millrace/components.tsv",
          "sink\tpicky\t\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String jars(Path directory) throws IOException {
    try (Stream<Path> jars = Files.list(directory)) {
      return jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
  }

  private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    jar.write(bytes);
    jar.closeEntry();
  }
}
