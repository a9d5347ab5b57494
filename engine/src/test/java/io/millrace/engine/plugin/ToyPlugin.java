/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles sources and writes them as the jars of a plug-in, off the class path of the tests. */
public final class ToyPlugin {
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();

  /** A class of package {@code toy}. */
  public ToyPlugin source(String simpleName, String body) {
    sources.put(
        simpleName,
        "package toy;\nimport io.millrace.api.*;\nimport java.util.*;\n"
            + "import java.util.concurrent.*;\n"
            + body);
    return this;
  }

  public ToyPlugin index(String... lines) {
    files.put(PluginScan.INDEX, String.join("\n", lines) + "\n");
    return this;
  }

  /** A sink named {@code name} whose deliver and start are these statements. */
  public ToyPlugin sink(String simpleName, String name, String deliver) {
    return source(
        simpleName,
        """
        @Component(kind = ComponentKind.SINK, name = "%s", flumeClasses = "org.toy.%s",
            summary = "A toy.")
        public record %s() implements SinkOptions {
          public int batchSize() { return 1; }
          public Sink build(SinkContext context) {
            return (batch, origin) -> { %s };
          }
        }
        """
            .formatted(name, simpleName, simpleName, deliver));
  }

  /** What the service file leads to. */
  public ToyPlugin catalog(String... simpleNames) {
    files.put(PluginScan.SERVICE, "toy.ToyCatalog\n");
    return source(
        "ToyCatalog",
        """
        public final class ToyCatalog implements ComponentCatalog {
          public List<Class<? extends ComponentOptions>> components() {
            return List.of(%s);
          }
        }
        """
            .formatted(
                String.join(", ", Stream.of(simpleNames).map(name -> name + ".class").toList())));
  }

  /** Writes {@code lib/toy.jar}; the classes named go to {@code libext/ext.jar} or nowhere. */
  public Path writeTo(Path directory, List<String> extensions, List<String> left)
      throws IOException {
    Files.createDirectories(directory);
    Path classes = compile(Files.createTempDirectory(directory.getParent(), "work"));
    Path lib = Files.createDirectories(directory.resolve("lib"));
    Path ext = Files.createDirectories(directory.resolve("libext"));
    List<Path> all;
    try (Stream<Path> found = Files.walk(classes)) {
      all = found.filter(Files::isRegularFile).sorted().toList();
    }
    try (JarOutputStream own = new JarOutputStream(Files.newOutputStream(lib.resolve("toy.jar")));
        JarOutputStream other =
            new JarOutputStream(Files.newOutputStream(ext.resolve("ext.jar")))) {
      for (Path file : all) {
        String simple = file.getFileName().toString().replaceFirst("\\.class$", "");
        if (!left.contains(simple)) {
          put(
              extensions.contains(simple) ? other : own,
              classes.relativize(file).toString(),
              Files.readAllBytes(file));
        }
      }
      for (Map.Entry<String, String> file : files.entrySet()) {
        put(own, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
      }
      put(other, "ext.txt", new byte[1]);
    }
    return directory;
  }

  public Path writeTo(Path directory) throws IOException {
    return writeTo(directory, List.of(), List.of());
  }

  private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    ((OutputStream) jar).write(bytes);
    jar.closeEntry();
  }

  private Path compile(Path work) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-d",
                work.resolve("classes").toString(),
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path")));
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = work.resolve(source.getKey() + ".java");
      Files.writeString(file, source.getValue());
      arguments.add(file.toString());
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status = compiler.run(null, said, said, arguments.toArray(String[]::new));
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    return work.resolve("classes");
  }
}
