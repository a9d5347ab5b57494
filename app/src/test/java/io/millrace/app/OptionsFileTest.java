/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class OptionsFileTest {
  @TempDir private Path directory;

  @Command
  private static final class Sample {
    @Option(
        names = {"-n", "--name"},
        required = true)
    private String name;

    @Option(names = "--lenient")
    private boolean isLenient;
  }

  @Test
  void theFileGivesWhatTheCommandLineLacks() throws IOException {
    Sample sample = parse("n = a1\nlenient = true\n");

    assertThat(sample.name).isEqualTo("a1");
    assertThat(sample.isLenient).isTrue();
  }

  @Test
  void theCommandLineWins() throws IOException {
    assertThat(parse("name = a1\n", "-n", "a2").name).isEqualTo("a2");
  }

  private Sample parse(String file, String... args) throws IOException {
    Path path = Files.writeString(directory.resolve("flume.opts"), file);
    Sample sample = new Sample();
    new CommandLine(sample).setDefaultValueProvider(new OptionsFile(path)).parseArgs(args);
    return sample;
  }
}
