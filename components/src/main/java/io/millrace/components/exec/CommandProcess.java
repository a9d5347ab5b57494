/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running command and all that it started. Where the system has a shell and {@code setsid}, a
 * guard runs it in a session of its own and ends that as soon as the agent is gone, or lets go of
 * it: what the command left in the background, too. Safe for many threads.
 */
final class CommandProcess {
  private static final Logger log = LoggerFactory.getLogger(CommandProcess.class);

  /** What the guard needs to end everything: it asks, and after a second it kills. */
  private static final Duration GUARD_LIMIT = Duration.ofMillis(2500);

  private static final Path SHELL = Path.of("/bin/sh");
  private static final List<Path> SETSID =
      List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));
  static final String GUARD = guard();

  private final Process process;

  private CommandProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts the command.
   *
   * @throws IOException when there is no such program, where that is known before it runs
   */
  static CommandProcess start(List<String> words, String source) throws IOException {
    List<String> command = new ArrayList<>();
    if (isGuarded()) {
      command.addAll(List.of(SHELL.toString(), "-c", GUARD, "exec-source"));
    } else {
      log.warn(
          "Source {}: there is no setsid on this system; the command may outlive an agent that is"
              + " killed",
          source);
    }
    command.addAll(words);
    return new CommandProcess(new ProcessBuilder(command).start());
  }

  private static boolean isGuarded() {
    return Files.isExecutable(SHELL) && SETSID.stream().anyMatch(Files::isExecutable);
  }

  private static String guard() {
    try (InputStream script = CommandProcess.class.getResourceAsStream("guard.sh")) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  InputStream output() {
    return process.getInputStream();
  }

  InputStream errors() {
    return process.getErrorStream();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Calls {@code then} on some thread once it has ended. */
  void onEnd(Runnable then) {
    process.onExit().thenRun(then);
  }

  /** Exit status, once it has ended. */
  int status() {
    return process.exitValue();
  }

  /** Waits for its end; false when it goes on. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The guard's sign. */
  void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      log.debug("The input of {} was closed already", process.pid(), e);
    }
  }

  /** Has it and all that it started end in a second or so, and waits for nothing. */
  void letGo() {
    closeInput();
    if (!isGuarded()) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  /** Ends it and all that it started: asked first, killed after a second or so. */
  void end() throws InterruptedException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    letGo();
    if (!awaitEnd(GUARD_LIMIT)) {
      all.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
