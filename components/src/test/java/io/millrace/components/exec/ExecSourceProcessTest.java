/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import static io.millrace.components.exec.ExecFixture.await;
import static io.millrace.components.exec.ExecFixture.isGone;
import static io.millrace.components.exec.ExecFixture.said;
import static io.millrace.components.exec.ExecFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.LogCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The command ends with its source, whatever becomes of either. */
class ExecSourceProcessTest {
  @TempDir private Path directory;
  @RegisterExtension final ExecFixture fixture = new ExecFixture();

  @Test
  void aStopEndsTheCommandAndAllThatItStarted() throws Exception {
    Path pids = directory.resolve("pids");
    fixture.start(
        shell(
            "sleep 600 & echo $! > " + pids + "; echo $$ >> " + pids + "; echo ready; wait",
            true,
            1,
            Duration.ofMillis(50)));
    await().until(() -> fixture.bodies().equals(List.of("ready")));
    fixture.stop();

    for (String pid : Files.readAllLines(pids)) {
      await().until(() -> isGone(Long.parseLong(pid)));
    }
  }

  @Test
  void aStopEndsWhatACommandThatIsOverLeftInTheBackground() throws Exception {
    Path pid = directory.resolve("pid");
    fixture.start(
        shell("sleep 600 & echo $! > " + pid + "; echo done", false, 1, Duration.ofMillis(50)));
    await().until(() -> fixture.bodies().equals(List.of("done")));
    fixture.stop();

    await().until(() -> isGone(pid));
  }

  @Test
  void whatACommandLeftInTheBackgroundEndsBeforeTheNextStart() throws Exception {
    Path pid = directory.resolve("pid");
    fixture.start(
        shell(
            "sleep 600 > /dev/null 2>&1 & echo $! > " + pid + "; echo done",
            false,
            1,
            Duration.ofMillis(50)));
    await().until(() -> fixture.bodies().equals(List.of("done")));

    await().until(() -> isGone(pid));
  }

  @Test
  void whatIgnoresTheSignInTheBackgroundIsKilledAfterTheCommandHasFollowedIt() throws Exception {
    Path pid = directory.resolve("pid");
    fixture.start(
        shell(
            "(trap '' TERM; exec sleep 600) & echo $! > " + pid + "; sleep 0.2; echo ready; wait",
            false,
            1,
            Duration.ofMillis(50)));
    await().until(() -> fixture.bodies().equals(List.of("ready")));
    fixture.stop();

    await().until(() -> isGone(pid));
  }

  // Goal: an agent that dies right after the start leaves no command. Method: the guard itself,
  // with an input that has ended, and a setsid that takes its time.
  @Test
  void anAgentThatIsGoneBeforeTheCommandHasItsSessionLeavesNone() throws Exception {
    Path slow = directory.resolve("setsid");
    String setsid = Files.isExecutable(Path.of("/usr/bin/setsid")) ? "/usr/bin" : "/bin";
    Files.writeString(slow, "#!/bin/sh\nsleep 0.3\nexec " + setsid + "/setsid \"$@\"\n");
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", "-c", CommandProcess.GUARD, "exec-source", "sleep", "600");
    builder.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process guarded = builder.start();

    await().until(() -> !guarded.isAlive());
  }

  @Test
  void aCommandThatIgnoresTheSignIsKilled() throws Exception {
    Path pid = directory.resolve("pid");
    fixture.start(
        shell(
            "trap '' TERM; echo $$ > " + pid + "; echo ready; while :; do sleep 0.2; done",
            false,
            1,
            Duration.ofMillis(50)));
    await().until(() -> fixture.bodies().equals(List.of("ready")));
    fixture.stop();

    await().until(() -> isGone(pid));
  }

  /** A context of which a test replaces the part that is to fail. */
  private class FailingContext implements SourceContext {
    @Override
    public String agent() {
      return fixture.context().agent();
    }

    @Override
    public String name() {
      return fixture.context().name();
    }

    @Override
    public Metrics metrics() {
      return fixture.context().metrics();
    }

    @Override
    public Output output() {
      return fixture.context().output();
    }

    /** A thread's end by a defect is what a test wants here: nothing is printed of it. */
    @Override
    public ThreadFactory threads(String role) {
      return task -> {
        Thread thread = fixture.context().threads(role).newThread(task);
        thread.setUncaughtExceptionHandler((dead, defect) -> {});
        return thread;
      };
    }
  }

  /** As one whose interceptor has a defect. */
  private static final class BrokenOutput implements Output {
    @Override
    public CompletableFuture<Void> emit(EventBatch batch) {
      throw new StackOverflowError("of the test");
    }

    @Override
    public long maxBatchBytes() {
      return Long.MAX_VALUE;
    }
  }

  // Nobody stops the source here: a supervisor may be slow, and starts it again after that.
  @Test
  void aDefectThatEndsTheSourceEndsTheCommandAndItsLinesAreCounted() throws Exception {
    Path pid = directory.resolve("pid");
    ExecOptions options =
        shell(
            "trap 'echo late; exit' TERM; echo $$ > "
                + pid
                + "; echo ready; while :; do sleep 0.05; done",
            false,
            1,
            Duration.ofMillis(50));
    try (LogCapture log = new LogCapture(CommandRun.class)) {
      fixture.start(
          options,
          new FailingContext() {
            @Override
            public Output output() {
              return new BrokenOutput();
            }
          });

      await().until(() -> isGone(pid));
      await().until(() -> said(log, "1 lines of the command came after the source had ended"));
    }
    await().until(() -> fixture.context().metrics().counter("LinesLost").value() == 1);
  }

  @Test
  void aCommandWhoseThreadsCannotBeMadeIsEnded() throws Exception {
    Path pid = directory.resolve("pid");
    fixture.start(
        shell("echo $$ > " + pid + "; echo ready; sleep 600", false, 1, Duration.ofMillis(50)),
        new FailingContext() {
          @Override
          public ThreadFactory threads(String role) {
            if (role.equals("errors")) {
              await().until(() -> Files.exists(pid) && Files.size(pid) > 1);
              throw new OutOfMemoryError("unable to create native thread (of the test)");
            }
            return super.threads(role);
          }
        });

    await().until(() -> isGone(pid));
  }

  // The agent holds the other end of the guard's input: its death closes it, whatever the cause.
  @Test
  void theCommandDoesNotOutliveTheAgent() throws Exception {
    Path pid = directory.resolve("pid");
    CommandProcess command =
        CommandProcess.start(
            List.of("/bin/sh", "-c", "echo $$ > " + pid + "; echo ready; sleep 600"), "r1");
    assertThat(command.output().readNBytes(6)).asString().isEqualTo("ready\n");
    command.closeInput();

    await().until(() -> isGone(pid));
    await().until(() -> !command.isAlive());
  }
}
