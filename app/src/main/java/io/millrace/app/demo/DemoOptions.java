/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the user asked the demo for. Immutable.
 *
 * @param follow log files and directories of the user; empty to generate an access log
 * @param store what the collector stores in
 * @param linesPerSecond of the generated log, both hosts together
 */
public record DemoOptions(
    List<Path> follow,
    Path directory,
    StoreKind store,
    int linesPerSecond,
    Optional<Duration> duration) {
  public DemoOptions {
    follow = List.copyOf(follow);
  }
}
