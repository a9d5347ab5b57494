/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.app.CommandFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process of a store, as far as it goes without one; the stores run in the system tests. */
class StoreServerTest {
  @TempDir private Path temporary;

  @AfterEach
  void forget() {
    System.clearProperty("millrace.servers");
  }

  @Test
  void anInstallationWithoutServersSaysSoAndWhatToDoInstead() {
    assertThatThrownBy(() -> start(StoreKind.KAFKA))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining("--store kafka runs a server that only a source checkout has")
        .hasMessageContaining("examples/demo/collector-kafka.conf");
  }

  @Test
  void aServerThatEndsAtOnceIsSaidWithTheEndOfItsLog() throws Exception {
    Files.createDirectories(temporary.resolve("servers/hdfs/target/lib"));
    System.setProperty("millrace.servers", temporary.resolve("servers").toString());

    assertThatThrownBy(() -> start(StoreKind.HDFS))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining("The store (hdfs) did not start")
        .hasMessageContaining("io.millrace.servers.hdfs.HdfsServer");
  }

  @Test
  void everyStoreHasAConfigurationAmongTheExamples() {
    for (StoreKind kind : StoreKind.values()) {
      assertThat(StoreKind.class.getResource(kind.template())).as(kind.template()).isNotNull();
      assertThat(Path.of("../examples/demo", kind.template())).exists();
    }
  }

  private void start(StoreKind kind) throws Exception {
    StoreServer.start(
            kind,
            new JavaCommand("none"),
            temporary.resolve("state"),
            temporary.resolve("server.log"))
        .close();
  }
}
