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

/** Components as somebody else would write them, compiled against the packaged API. Stateless. */
final class PluginJar {
  private PluginJar() {}

  /**
   * Compiles a record of options in the package com.example, whose nested class Catalog lists it.
   *
   * @param work for what is between the source and the jar
   * @param index the lines of its components.tsv
   */
  static void write(Path work, Path jar, String record, String source, String index)
      throws IOException {
    Path file = Files.writeString(work.resolve(record + ".java"), source);
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
                file.toString());
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name : new String[] {record, record + "$Catalog"}) {
        String entry = "com/example/" + name + ".class";
        put(out, entry, Files.readAllBytes(work.resolve(entry)));
      }
      put(
          out,
          "META-INF/services/io.millrace.api.ComponentCatalog",
          "com.example.%s$Catalog\n".formatted(record).getBytes(StandardCharsets.UTF_8));
      put(out, "META-INF/millrace/components.tsv", index.getBytes(StandardCharsets.UTF_8));
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
