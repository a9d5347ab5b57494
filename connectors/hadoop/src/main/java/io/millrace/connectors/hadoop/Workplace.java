/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.LogLimit;
import io.millrace.kit.log.LogText;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all that writes the files of one sink shares. Safe for many threads. */
record Workplace(
    String sink,
    HdfsSinkOptions options,
    Store store,
    FileFormat format,
    FileNames names,
    CallPool pool,
    Counters counters,
    DirectoryMarks marks,
    CommitLog commits,
    LostAnswers lostAnswers,
    LogLimit troubleLimit) {
  private static final Logger log = LoggerFactory.getLogger(Workplace.class);

  FileSystem files() {
    return store.files();
  }

  /** Exceptions of a server bring its stack along. */
  private static String firstLine(Object why) {
    return String.valueOf(why).lines().findFirst().orElse("");
  }

  /** Says that something failed and goes on being tried; at a bounded rate. */
  void trouble(String what, Object why, String then) {
    if (troubleLimit.allows()) {
      long leftOut = troubleLimit.takeLeftOut();
      log.warn(
          "Sink {}: {}: {}. {}{}",
          sink,
          LogText.of(what),
          LogText.of(firstLine(why)),
          then,
          leftOut == 0 ? "" : " (" + leftOut + " more such lines were left out)");
    }
  }
}
