/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.kit.text.MultilineOptions;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Options of the exec source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "exec",
    flumeClasses = "org.apache.flume.source.ExecSource",
    summary =
        "Runs a command; each line that it writes is an event. What a command has written, and the"
            + " agent not yet stored, is lost in a crash: taildir follows files without that. What it"
            + " has left in the background when it and its output have ended is ended, too.")
public record ExecOptions(
    @Option(doc = "The command; without a shell it is split at blanks.", required = true)
        String command,
    @Option(doc = "Shell that runs the command, such as /bin/sh -c.") Optional<String> shell,
    @Option(
            doc = "Pause before the command is started again.",
            def = "10000",
            min = 0,
            bareUnit = BareUnit.MILLISECONDS)
        Duration restartThrottle,
    @Option(doc = "Whether the command is started again when it ends.", def = "false")
        boolean restart,
    @Option(
            doc = "Whether what it writes to standard error is logged; else dropped.",
            def = "false")
        boolean logStdErr,
    @Option(doc = "Lines in a batch.", def = "20", min = 1) int batchSize,
    @Option(
            doc = "A batch that is not full leaves this long after the one before.",
            def = "3000",
            min = 1,
            bareUnit = BareUnit.MILLISECONDS)
        Duration batchTimeout,
    @Option(
            doc = "Character set of the output; the bytes of a line stay as they are.",
            def = "UTF-8")
        Charset charset,
    @Option(
            doc = "Longest line; what is beyond is left out and counted.",
            def = "1048576",
            min = 1,
            max = 67_000_000,
            bareUnit = BareUnit.BYTES)
        DataSize maxLineLength,
    @OptionGroup MultilineOptions multiline)
    implements SourceOptions {
  public ExecOptions {
    if (command.isBlank()) {
      throw new ConfigurationException("command", "is blank (expected: a command)");
    }
    if (!Arrays.equals("\r\n".getBytes(charset), new byte[] {'\r', '\n'})) {
      throw new ConfigurationException(
          "charset", charset + " (expected: a character set in which line ends are single bytes)");
    }
  }

  /** The command and its arguments. */
  List<String> words() {
    if (shell.isEmpty()) {
      return List.of(command.trim().split("\\s+"));
    }
    List<String> words = new ArrayList<>(List.of(shell.get().trim().split("\\s+")));
    words.add(command);
    return words;
  }

  /** Whether it follows a file, which taildir does without loss. */
  boolean followsFile() {
    return command.matches("(?s).*\\btail\\b.*\\s(-\\w*[fF]|--follow).*");
  }

  @Override
  public Source build(SourceContext context) {
    return new ExecSource(this, context);
  }
}
