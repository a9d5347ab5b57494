/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Programs of the operating system that the tests call. Stateless. */
public final class Tool {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private Tool() {}

  public static boolean isThere(String name) {
    String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    return Stream.of(path.split(":", -1)).anyMatch(at -> Files.isExecutable(Path.of(at, name)));
  }

  /** The test is left out, and says so, where the tool is not installed. */
  static void assumeIsThere(String name, String itsPackage) {
    if (!isThere(name)) {
      String words = "no " + name + " here (apt-get install " + itsPackage + ")";
      Scene.say("LEFT OUT: " + words);
      abort(words);
    }
  }

  public static Command call(Path directory, String... words) {
    return Command.run(
        Path.of(words[0]).getFileName().toString(), directory, LIMIT, List.of(words));
  }

  /** As {@link #call}; throws if it fails. */
  public static String need(Path directory, String... words) {
    Command done = call(directory, words);
    if (done.status() != 0) {
      throw new IllegalStateException(String.join(" ", words) + ": " + done.output());
    }
    return done.output();
  }
}
