/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import static io.millrace.components.exec.ExecFixture.await;
import static io.millrace.components.exec.ExecFixture.said;
import static io.millrace.components.exec.ExecFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.components.testing.LogCapture;
import io.millrace.components.testing.ToyOutput;
import io.millrace.kit.text.MultilineOptions;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the source makes of the output of its command. */
class ExecSourceTest {
  @RegisterExtension final ExecFixture fixture = new ExecFixture();

  @Test
  void linesEndAsFlumeEndsThem() throws Exception {
    fixture.start(shell("printf 'a\\nb\\r\\nc\\rd\\n\\nlast'", false, 3, Duration.ofSeconds(60)));

    await().until(() -> fixture.bodies().equals(List.of("a", "b", "c", "d", "", "last")));
    assertThat(fixture.context().output().largestBatchEvents()).isEqualTo(3);
  }

  @Test
  void withoutAShellTheCommandIsSplitAtBlanks() throws Exception {
    fixture.start(
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

    await().until(() -> fixture.bodies().equals(List.of("one 'two three'")));
  }

  @Test
  void linesThatBelongTogetherAreOneEvent() throws Exception {
    ExecOptions plain =
        shell("printf 'a\\n b\\nc\\n d\\n'; sleep 600", false, 1, Duration.ofMillis(50));
    fixture.start(
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

    await().until(() -> fixture.bodies().equals(List.of("a\n b", "c\n d")));
  }

  @Test
  void aBatchThatIsNotFullLeavesInTime() throws Exception {
    fixture.start(shell("echo one; sleep 600", false, 1000, Duration.ofMillis(50)));

    await().until(() -> fixture.bodies().equals(List.of("one")));
  }

  @Test
  void aLongLineIsCutAndCounted() throws Exception {
    fixture.start(shell("printf '%0300d\\nb\\n' 0", false, 20, Duration.ofSeconds(1)));

    await().until(() -> fixture.bodies().equals(List.of("0".repeat(100), "b")));
    assertThat(fixture.context().metrics().counter("LinesTruncated").value()).isEqualTo(1);
  }

  @Test
  void aCommandIsStartedAgainIfAskedTo() throws Exception {
    fixture.start(shell("echo once more", true, 20, Duration.ofSeconds(60)));

    await().until(() -> fixture.bodies().size() >= 3);
    assertThat(fixture.context().metrics().counter("CommandStartCount").value())
        .isGreaterThanOrEqualTo(3);
  }

  @Test
  void aCommandThatEndsIsSaidWithItsStatus() throws Exception {
    try (LogCapture log = new LogCapture(ExecSource.class)) {
      fixture.start(shell("echo gone; exit 7", false, 20, Duration.ofSeconds(60)));
      await().until(() -> fixture.bodies().equals(List.of("gone")));
      await().until(() -> said(log, "ended with status 7; it is not started again"));
    }
    assertThat(fixture.context().metrics().counter("CommandStartCount").value()).isEqualTo(1);
  }

  @Test
  void aProgramThatIsNotThereIsSaidAndTriedAgain() throws Exception {
    try (LogCapture log = new LogCapture(ExecSource.class)) {
      fixture.start(shell("/nowhere/no-such-program", true, 20, Duration.ofSeconds(60)));
      await().until(() -> said(log, "status 127"));
    }
  }

  @Test
  void whatItSaysOnStandardErrorIsLoggedIfAskedTo() throws Exception {
    try (LogCapture log = new LogCapture(CommandRun.class)) {
      fixture.start(
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
    await().until(() -> fixture.bodies().equals(List.of("out")));
  }

  @Test
  void channelsThatRefuseHoldUpTheCommandAndLoseNothing() throws Exception {
    fixture.context().output().hold();
    fixture.start(shell("seq 1 200000", false, 100, Duration.ofSeconds(60)));
    await()
        .until(
            () -> fixture.context().output().pending().size() == ExecSource.MAX_BATCHES_IN_FLIGHT);
    for (ToyOutput.Pending pending : fixture.context().output().pending()) {
      pending.fail(new ChannelFullException("full"));
    }
    fixture.context().output().release();

    await().until(() -> fixture.bodies().size() == 200_000);
    assertThat(fixture.bodies())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, 200_000).mapToObj(Integer::toString).toList());
  }

  @Test
  void whatWasWrittenBeforeTheStopIsHandedOn() throws Exception {
    fixture.start(
        shell(
            "trap 'echo farewell; exit' TERM; echo ready; while :; do sleep 0.05; done",
            false,
            1000,
            Duration.ofMillis(50)));
    await().until(() -> fixture.bodies().equals(List.of("ready")));
    fixture.stop();

    assertThat(fixture.bodies()).containsExactly("ready", "farewell");
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
