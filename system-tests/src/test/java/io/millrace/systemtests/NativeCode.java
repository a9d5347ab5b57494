/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Small C sources of the tests, compiled where they are needed. Stateless. */
final class NativeCode {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private NativeCode() {}

  /** A program; the test is left out, and says why, where there is no compiler. */
  static Path program(String name, Path directory) {
    return compile(name, directory.resolve(name), List.of());
  }

  /** A library to be preloaded. */
  static Path library(String name, Path directory) {
    return compile(
        name, directory.resolve(name + ".so"), List.of("-shared", "-fPIC", "-Wl,--no-as-needed"));
  }

  private static Path compile(String name, Path target, List<String> options) {
    Path source = target.resolveSibling(name + ".c");
    try (InputStream text = NativeCode.class.getResourceAsStream("/native/" + name + ".c")) {
      Files.write(source, Objects.requireNonNull(text, name).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Source " + source, e);
    }
    if (!Tool.isThere("gcc")) {
      abort("No C compiler here (apt-get install gcc libc6-dev): " + name + " cannot be built");
    }
    List<String> words = new ArrayList<>(List.of("gcc", "-O1", "-Wall"));
    words.addAll(options);
    words.addAll(List.of("-o", target.toString(), source.toString(), "-ldl"));
    Command gcc = Command.run("gcc-" + name, target.getParent(), LIMIT, words);
    if (gcc.status() != 0) {
      throw new IllegalStateException(name + " does not compile: " + gcc.output());
    }
    return target;
  }
}
