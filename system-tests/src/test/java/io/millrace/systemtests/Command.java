/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** One call of the packaged command that ends by itself: its exit status and all it printed. */
public record Command(int status, String output) {

  /** Whether it says that all went well. */
  public boolean isWell() {
    return status == 0;
  }

  static Command millrace(Path directory, Duration limit, String... arguments) {
    List<String> words = new ArrayList<>(List.of(Installation.command().toString()));
    words.addAll(List.of(arguments));
    return run("millrace", directory, limit, words);
  }

  /**
   * @param limit after which it is killed and the test fails
   */
  static Command run(String name, Path directory, Duration limit, List<String> words) {
    return run(name, directory, limit, words, Map.of());
  }

  /**
   * @param environment variables that it has beside those of the tests
   */
  static Command run(
      String name,
      Path directory,
      Duration limit,
      List<String> words,
      Map<String, String> environment) {
    Path log = directory.resolve(name + ".output");
    int before = WatchedProcess.textOf(log).length();
    try (WatchedProcess process = WatchedProcess.start(name, words, directory, environment, log)) {
      OptionalInt status = process.awaitExit(limit);
      String output = process.log().substring(before);
      assertThat(status).as("%s ends within %s\n%s", words, limit, output).isPresent();
      return new Command(status.getAsInt(), output);
    }
  }
}
