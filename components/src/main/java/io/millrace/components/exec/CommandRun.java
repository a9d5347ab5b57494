/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.Metrics.Counter;
import io.millrace.api.SourceContext;
import io.millrace.kit.log.LogText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the command, with the threads that read its outputs. Safe for many threads. */
final class CommandRun {
  private static final Logger log = LoggerFactory.getLogger(CommandRun.class);

  private final String source;
  private final CommandProcess process;
  private volatile boolean isRead;

  /** Begins to read; {@code pump} is woken when the run is over. */
  CommandRun(
      ExecOptions options,
      SourceContext context,
      PendingLines lines,
      Counter truncated,
      Thread pump)
      throws IOException {
    source = context.name();
    process = CommandProcess.start(options.words(), source);
    int maxLineBytes = (int) options.maxLineLength().bytes();
    CommandOutput.Line line = options.logStdErr() ? errorLine(options.charset()) : (a, o, l) -> {};
    CommandOutput output = new CommandOutput(maxLineBytes, truncated, lines::add);
    CommandOutput errors = new CommandOutput(maxLineBytes, truncated, line);
    try {
      context.threads("reader").newThread(() -> readOutput(output, lines, pump)).start();
      process.onEnd(() -> LockSupport.unpark(pump));
      context.threads("errors").newThread(() -> read(process.errors(), errors)).start();
    } catch (RuntimeException | Error e) {
      // Without its threads nobody would own the command, nor end it.
      process.letGo();
      throw e;
    }
  }

  private void readOutput(CommandOutput output, PendingLines lines, Thread pump) {
    try {
      read(process.output(), output);
    } finally {
      isRead = true;
      LockSupport.unpark(pump);
    }
    long late = lines.lateCount();
    if (late > 0) {
      log.warn(
          "Source {}: {} lines of the command came after the source had ended, and are lost",
          source,
          late);
    }
  }

  private CommandOutput.Line errorLine(Charset charset) {
    return (array, offset, length) ->
        log.info("Source {}: {}", source, LogText.of(new String(array, offset, length, charset)));
  }

  private void read(InputStream stream, CommandOutput output) {
    try (stream) {
      output.readAll(stream);
    } catch (IOException e) {
      // So it ends when the process is killed while it is read from.
      log.debug("Source {}: the output of the command ended: {}", source, e.toString());
    }
  }

  /** Whether the command runs, or anybody it started may still write to its output. */
  boolean isOn() {
    return !isRead || process.isAlive();
  }

  /** Exit status of a run that is over. */
  int status() {
    return process.status();
  }

  /** Has the command and all that it started end soon, and waits for nothing. */
  void letGo() {
    process.letGo();
  }

  /** Ends the command and all that it started; what it wrote can still be read. */
  void end() throws InterruptedException {
    process.end();
  }
}
