/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Scene;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An HDFS with Kerberos and a real key distribution centre, whose tickets do not last long. */
@Tag("long")
final class HdfsKerberosTest {
  private static final int TICKET_SECONDS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void agentWritesAsItsPrincipalAndRenewsItsTicket() throws Exception {
    String seconds = Integer.toString(TICKET_SECONDS);
    try (HdfsProcess hdfs = HdfsProcess.start(scene.directory(), "--kerberos", seconds)) {
      hdfs.command("open-to-all /logs");
      Path kdc = scene.directory().resolve("data/kdc");
      String krb5 = "-Djava.security.krb5.conf=" + kdc.resolve("krb5.conf");
      AgentProcess agent = scene.millrace("agent", conf(hdfs.uri(), kdc), krb5);
      agent.startAndAwait();
      long begin = System.nanoTime();
      // Files are begun, closed and renamed all the while, with tickets of the second generation.
      Conditions.await(
          "files are written past the life of the first ticket",
          LIMIT,
          Duration.ofSeconds(1),
          () ->
              System.nanoTime() - begin > (TICKET_SECONDS + 15) * 1_000_000_000L
                  && agent.metric("SINK.store", "ConnectionClosedCount") > TICKET_SECONDS);
      long failures = agent.metric("SINK.store", "ConnectionFailedCount");
      long before = agent.metric("SINK.store", "EventDrainSuccessCount");
      Conditions.await(
          "events are still stored",
          LIMIT,
          () -> agent.metric("SINK.store", "EventDrainSuccessCount") > before + 10);
      agent.stop();
      assertThat(failures).as("failed files").isZero();
      Path export = scene.directory().resolve("export");
      hdfs.command("copy /logs " + export);
      try (Stream<Path> files = Files.list(export)) {
        assertThat(files).hasSizeGreaterThan(TICKET_SECONDS / 2);
      }
    }
  }

  private static String conf(String uri, Path kdc) {
    return """
        a1.sources = numbers
        a1.channels = memory
        a1.sinks = store
        a1.sources.numbers.type = exec
        a1.sources.numbers.shell = /bin/sh -c
        a1.sources.numbers.command = while true; do date; sleep 0.2; done
        a1.sources.numbers.batchTimeout = 200
        a1.sources.numbers.channels = memory
        a1.channels.memory.type = memory
        a1.sinks.store.type = hdfs
        a1.sinks.store.channel = memory
        a1.sinks.store.hdfs.path = %s/logs
        a1.sinks.store.hdfs.fileType = DataStream
        a1.sinks.store.hdfs.rollInterval = 1
        a1.sinks.store.hdfs.rollSize = 0
        a1.sinks.store.hdfs.rollCount = 0
        a1.sinks.store.hdfs.kerberosPrincipal = agent
        a1.sinks.store.hdfs.kerberosKeytab = %s/agent.keytab
        a1.sinks.store.millrace.hadoop.hadoop.security.authentication = kerberos
        a1.sinks.store.millrace.hadoop.dfs.namenode.kerberos.principal = hdfs/localhost@EXAMPLE.COM
        a1.sinks.store.millrace.hadoop.dfs.namenode.kerberos.principal.pattern = *
        a1.sinks.store.millrace.hadoop.hadoop.kerberos.min.seconds.before.relogin = 1
        """
        .formatted(uri, kdc);
  }
}
