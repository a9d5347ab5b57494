/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.testing.LogCapture;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.text.MultilineOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A source under test and what it is built with; stopped after each test. */
final class ExecFixture implements AfterEachCallback {
  /** For a machine that has much else to do. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ToySourceContext context = new ToySourceContext();
  private Source source;

  /** Of a source that runs its command in a shell. */
  static ExecOptions shell(
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

  ToySourceContext context() {
    return context;
  }

  void start(ExecOptions options) throws Exception {
    start(options, context);
  }

  /** In a context of the test's own. */
  void start(ExecOptions options, SourceContext own) throws Exception {
    source = options.build(own);
    source.start();
  }

  void stop() throws Exception {
    if (source != null) {
      source.stop();
    }
  }

  @Override
  public void afterEach(ExtensionContext test) throws Exception {
    context.output().release();
    stop();
    stop();
  }

  List<String> bodies() {
    return context.output().bodies();
  }

  static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT);
  }

  static boolean said(LogCapture log, String words) {
    return log.lines().stream().anyMatch(line -> line.contains(words));
  }

  /** Whether the process is over whose id stands in the file; not before it stands there. */
  static boolean isGone(Path pid) throws Exception {
    String written = Files.exists(pid) ? Files.readString(pid).trim() : "";
    return !written.isEmpty() && isGone(Long.parseLong(written));
  }

  static boolean isGone(long pid) throws Exception {
    Path stat = Path.of("/proc/" + pid + "/stat");
    return !Files.exists(stat) || Files.readString(stat).contains(") Z ");
  }
}
