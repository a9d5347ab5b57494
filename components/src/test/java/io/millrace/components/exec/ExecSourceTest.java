/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EventBatch;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.LogCapture;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.text.MultilineOptions;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecSourceTest {
  @TempDir private Path directory;

  private final ToySourceContext context = new ToySourceContext();
  private Source source;

  /** Of a source that runs its command in a shell. */
  private static ExecOptions shell(
      String command, boolean isRestarted, int batchSize, Duration batchTimeout) {
    return new ExecOptions(
        command,
        Optional.of("/bin/sh -c"),
        Duration.ofMillis(20),
        isRestarted,
        false,
        batchSize,
        batchTimeout,
        StandardCharsets.UTF_8,
        DataSize.ofBytes(100),
        MultilineOptions.NONE);
  }

  private void start(ExecOptions options) throws Exception {
    source = options.build(context);
    source.start();
  }

  @AfterEach
  void stop() throws Exception {
    context.output().release();
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  private List<String> bodies() {
    return context.output().bodies();
  }

  @Test
  void linesEndAsFlumeEndsThem() throws Exception {
    start(shell("printf 'a\\nb\\r\\nc\\rd\\n\\nlast'", false, 3, Duration.ofSeconds(60)));

    await().until(() -> bodies().equals(List.of("a", "b", "c", "d", "", "last")));
    assertThat(context.output().largestBatchEvents()).isEqualTo(3);
  }

  @Test
  void withoutAShellTheCommandIsSplitAtBlanks() throws Exception {
    start(
        new ExecOptions(
            "  echo one  'two three' ",
            Optional.empty(),
            Duration.ZERO,
            false,
            false,
            20,
            Duration.ofSeconds(3),
            StandardCharsets.ISO_8859_1,
            DataSize.ofBytes(100),
            MultilineOptions.NONE));

    await().until(() -> bodies().equals(List.of("one 'two three'")));
  }

  @Test
  void linesThatBelongTogetherAreOneEvent() throws Exception {
    ExecOptions plain =
        shell("printf 'a\\n b\\nc\\n d\\n'; sleep 600", false, 1, Duration.ofMillis(50));
    start(
        new ExecOptions(
            plain.command(),
            plain.shell(),
            plain.restartThrottle(),
            false,
            false,
            1,
            plain.batchTimeout(),
            plain.charset(),
            plain.maxLineLength(),
            new MultilineOptions(
                Optional.of("^ "),
                false,
                MultilineOptions.Side.AFTER,
                500,
                DataSize.ofBytes(1000),
                Duration.ofMillis(200))));

    await().until(() -> bodies().equals(List.of("a\n b", "c\n d")));
  }

  @Test
  void aBatchThatIsNotFullLeavesInTime() throws Exception {
    start(shell("echo one; sleep 600", false, 1000, Duration.ofMillis(50)));

    await().until(() -> bodies().equals(List.of("one")));
  }

  @Test
  void aLongLineIsCutAndCounted() throws Exception {
    start(shell("printf '%0300d\\nb\\n' 0", false, 20, Duration.ofSeconds(1)));

    await().until(() -> bodies().equals(List.of("0".repeat(100), "b")));
    assertThat(context.metrics().counter("LinesTruncated").value()).isEqualTo(1);
  }

  @Test
  void aCommandIsStartedAgainIfAskedTo() throws Exception {
    start(shell("echo once more", true, 20, Duration.ofSeconds(60)));

    await().until(() -> bodies().size() >= 3);
    assertThat(context.metrics().counter("CommandStartCount").value()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void aCommandThatEndsIsSaidWithItsStatus() throws Exception {
    try (LogCapture log = new LogCapture(ExecSource.class)) {
      start(shell("echo gone; exit 7", false, 20, Duration.ofSeconds(60)));
      await().until(() -> bodies().equals(List.of("gone")));
      await().until(() -> said(log, "ended with status 7; it is not started again"));
    }
    assertThat(context.metrics().counter("CommandStartCount").value()).isEqualTo(1);
  }

  @Test
  void aProgramThatIsNotThereIsSaidAndTriedAgain() throws Exception {
    try (LogCapture log = new LogCapture(ExecSource.class)) {
      start(shell("/nowhere/no-such-program", true, 20, Duration.ofSeconds(60)));
      await().until(() -> said(log, "status 127"));
    }
  }

  @Test
  void whatItSaysOnStandardErrorIsLoggedIfAskedTo() throws Exception {
    try (LogCapture log = new LogCapture(CommandRun.class)) {
      start(
          new ExecOptions(
              "printf 'bad\\033thing\\n' >&2; echo out",
              Optional.of("/bin/sh -c"),
              Duration.ZERO,
              false,
              true,
              20,
              Duration.ofSeconds(3),
              StandardCharsets.UTF_8,
              DataSize.ofBytes(100),
              MultilineOptions.NONE));
      await().until(() -> said(log, "bad?thing"));
    }
    await().until(() -> bodies().equals(List.of("out")));
  }

  @Test
  void channelsThatRefuseHoldUpTheCommandAndLoseNothing() throws Exception {
    context.output().hold();
    start(shell("seq 1 200000", false, 100, Duration.ofSeconds(60)));
    await().until(() -> context.output().pending().size() == ExecSource.MAX_BATCHES_IN_FLIGHT);
    for (ToyOutput.Pending pending : context.output().pending()) {
      pending.fail(new ChannelFullException("full"));
    }
    context.output().release();

    await().until(() -> bodies().size() == 200_000);
    assertThat(bodies())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, 200_000).mapToObj(Integer::toString).toList());
  }

  @Test
  void aStopEndsTheCommandAndAllThatItStarted() throws Exception {
    Path pids = directory.resolve("pids");
    start(
        shell(
            "sleep 600 & echo $! > " + pids + "; echo $$ >> " + pids + "; echo ready; wait",
            true,
            1,
            Duration.ofMillis(50)));
    await().until(() -> bodies().equals(List.of("ready")));
    source.stop();

    for (String pid : Files.readAllLines(pids)) {
      await().until(() -> isGone(Long.parseLong(pid)));
    }
  }

  @Test
  void aStopEndsWhatACommandThatIsOverLeftInTheBackground() throws Exception {
    Path pid = directory.resolve("pid");
    start(shell("sleep 60 & echo $! > " + pid + "; echo done", false, 1, Duration.ofMillis(50)));
    await().until(() -> bodies().equals(List.of("done")));
    source.stop();

    await().until(() -> isGone(pid));
  }

  @Test
  void whatACommandLeftInTheBackgroundEndsBeforeTheNextStart() throws Exception {
    Path pid = directory.resolve("pid");
    start(
        shell(
            "sleep 60 > /dev/null 2>&1 & echo $! > " + pid + "; echo done",
            false,
            1,
            Duration.ofMillis(50)));
    await().until(() -> bodies().equals(List.of("done")));

    await().until(() -> isGone(pid));
  }

  @Test
  void whatIgnoresTheSignInTheBackgroundIsKilledAfterTheCommandHasFollowedIt() throws Exception {
    Path pid = directory.resolve("pid");
    start(
        shell(
            "(trap '' TERM; exec sleep 60) & echo $! > " + pid + "; sleep 0.2; echo ready; wait",
            false,
            1,
            Duration.ofMillis(50)));
    await().until(() -> bodies().equals(List.of("ready")));
    source.stop();

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
        new ProcessBuilder("/bin/sh", "-c", CommandProcess.GUARD, "exec-source", "sleep", "60");
    builder.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process guarded = builder.start();

    await().until(() -> !guarded.isAlive());
  }

  @Test
  void aCommandThatIgnoresTheSignIsKilled() throws Exception {
    Path pid = directory.resolve("pid");
    start(
        shell(
            "trap '' TERM; echo $$ > " + pid + "; echo ready; while :; do sleep 0.2; done",
            false,
            1,
            Duration.ofMillis(50)));
    await().until(() -> bodies().equals(List.of("ready")));
    source.stop();

    await().until(() -> isGone(pid));
  }

  @Test
  void whatWasWrittenBeforeTheStopIsHandedOn() throws Exception {
    start(
        shell(
            "trap 'echo farewell; exit' TERM; echo ready; while :; do sleep 0.05; done",
            false,
            1000,
            Duration.ofMillis(50)));
    await().until(() -> bodies().equals(List.of("ready")));
    source.stop();

    assertThat(bodies()).containsExactly("ready", "farewell");
  }

  /** A context of which a test replaces the part that is to fail. */
  private class FailingContext implements SourceContext {
    @Override
    public String agent() {
      return context.agent();
    }

    @Override
    public String name() {
      return context.name();
    }

    @Override
    public Metrics metrics() {
      return context.metrics();
    }

    @Override
    public Output output() {
      return context.output();
    }

    /** A thread's end by a defect is what a test wants here: nothing is printed of it. */
    @Override
    public ThreadFactory threads(String role) {
      return task -> {
        Thread thread = context.threads(role).newThread(task);
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
    source =
        shell(
                "trap 'echo late; exit' TERM; echo $$ > "
                    + pid
                    + "; echo ready; while :; do sleep 0.05; done",
                false,
                1,
                Duration.ofMillis(50))
            .build(
                new FailingContext() {
                  @Override
                  public Output output() {
                    return new BrokenOutput();
                  }
                });
    try (LogCapture log = new LogCapture(CommandRun.class)) {
      source.start();

      await().until(() -> isGone(pid));
      await().until(() -> said(log, "1 lines of the command came after the source had ended"));
    }
    assertThat(context.metrics().counter("LinesLost").value()).isEqualTo(1);
  }

  @Test
  void aCommandWhoseThreadsCannotBeMadeIsEnded() throws Exception {
    Path pid = directory.resolve("pid");
    source =
        shell("echo $$ > " + pid + "; echo ready; sleep 30", false, 1, Duration.ofMillis(50))
            .build(
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
    source.start();

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

  private static boolean said(LogCapture log, String words) {
    return log.lines().stream().anyMatch(line -> line.contains(words));
  }

  private static boolean isGone(Path pid) throws Exception {
    String written = Files.exists(pid) ? Files.readString(pid).trim() : "";
    return !written.isEmpty() && isGone(Long.parseLong(written));
  }

  private static boolean isGone(long pid) throws Exception {
    Path stat = Path.of("/proc/" + pid + "/stat");
    return !Files.exists(stat) || Files.readString(stat).contains(") Z ");
  }

  @Test
  void aFollowedFileIsAnsweredWithTaildir() {
    assertThat(shell("tail -F /var/log/app.log", false, 1, Duration.ofSeconds(1)).followsFile())
        .isTrue();
    assertThat(shell("tail -n 0 -f x | grep y", false, 1, Duration.ofSeconds(1)).followsFile())
        .isTrue();
    assertThat(shell("tail -n 5 x", false, 1, Duration.ofSeconds(1)).followsFile()).isFalse();
    assertThat(shell("detail --force", false, 1, Duration.ofSeconds(1)).followsFile()).isFalse();
  }

  @Test
  void aCharacterSetThatCannotBeCutAtBytesIsRefused() {
    assertThatThrownBy(
            () ->
                new ExecOptions(
                    "x",
                    Optional.empty(),
                    Duration.ZERO,
                    false,
                    false,
                    1,
                    Duration.ofSeconds(1),
                    Charset.forName("UTF-16"),
                    DataSize.ofBytes(100),
                    MultilineOptions.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("UTF-16");
  }
}
