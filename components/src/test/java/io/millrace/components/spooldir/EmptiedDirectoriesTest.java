/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.spooldir.SpoolDirOptions.TrackingPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories with finished files alone are not listed again and again. */
class EmptiedDirectoriesTest {
  private static final FileTime LONG_AGO = FileTime.from(900_000_000, TimeUnit.SECONDS);

  @TempDir private Path temporary;

  private SpoolerHarness harness;

  @BeforeEach
  void harness() {
    harness = new SpoolerHarness(temporary);
    harness.isRecursive = true;
  }

  private void setUnchanged(String directory) throws IOException {
    Files.setLastModifiedTime(harness.directory.resolve(directory), LONG_AGO);
  }

  private void finishOne(String directory) throws IOException {
    harness.write(directory + "/first", "first\n");
    harness.start();
    harness.settle();
    setUnchanged(directory);
    // Listed once more, and nothing is to be read.
    harness.settle();
  }

  @Test
  void aNewFileIsSeenByTheTimeOfItsDirectory() throws IOException {
    finishOne("sub");
    harness.write("sub/second", "second\n");
    harness.settle();

    assertThat(harness.output.bodies()).containsExactly("first", "second");
  }

  @Test
  void aDirectoryOfWhichTheTimeDoesNotTellIsListedNowAndThen() throws IOException {
    finishOne("sub");
    harness.write("sub/second", "second\n");
    setUnchanged("sub");
    harness.settle();
    assertThat(harness.output.bodies()).containsExactly("first");

    harness.pass(EmptiedDirectories.TRUST);
    assertThat(harness.output.bodies()).containsExactly("first", "second");
  }

  @Test
  void aDirectoryBelowOneThatIsNotListedIsLookedAt() throws IOException {
    harness.write("sub/below/zero", "zero\n");
    finishOne("sub");
    harness.write("sub/below/second", "second\n");
    harness.settle();

    assertThat(harness.output.bodies()).containsExactly("zero", "first", "second");
  }

  // With tracker_dir a finished file keeps its name: that it has changed is seen by itself alone.
  @Test
  void aFinishedFileThatKeepsItsNameIsLookedAtEachTime() throws IOException {
    harness.trackingPolicy = TrackingPolicy.TRACKER_DIR;
    finishOne("sub");
    harness.write("sub/first", "other and longer\n");
    setUnchanged("sub");
    harness.pass(Duration.ofSeconds(10));

    assertThat(harness.counted("FilesSetAside")).isEqualTo(1);
  }
}
