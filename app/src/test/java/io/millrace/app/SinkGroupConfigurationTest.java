/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files with sink groups as they run under Flume 1.11, with the components of this installation.
 */
class SinkGroupConfigurationTest {
  private static final String FAILOVER =
      """
      fo.sources = in
      fo.channels = c
      fo.sinks = primary standby lastresort
      fo.sinkgroups = tier
      fo.sources.in.type = avro
      fo.sources.in.bind = 127.0.0.1
      fo.sources.in.port = 41005
      fo.sources.in.channels = c
      fo.channels.c.type = file
      fo.channels.c.checkpointDir = /var/lib/flume/fo/checkpoint
      fo.channels.c.dataDirs = /var/lib/flume/fo/data
      fo.sinks.primary.type = avro
      fo.sinks.primary.hostname = coll-1.example.net
      fo.sinks.primary.port = 4545
      fo.sinks.primary.channel = c
      fo.sinks.standby.type = avro
      fo.sinks.standby.hostname = coll-2.example.net
      fo.sinks.standby.port = 4546
      fo.sinks.standby.compression-type = deflate
      fo.sinks.standby.compression-level = 4
      fo.sinks.standby.channel = c
      fo.sinks.lastresort.type = file_roll
      fo.sinks.lastresort.sink.directory = /var/spool/flume/lastresort
      fo.sinks.lastresort.sink.rollInterval = 300
      fo.sinks.lastresort.sink.serializer = avro_event
      fo.sinks.lastresort.channel = c
      fo.sinkgroups.tier.sinks = primary standby lastresort
      fo.sinkgroups.tier.processor.type = failover
      fo.sinkgroups.tier.processor.priority.primary = 100
      fo.sinkgroups.tier.processor.priority.standby = 50
      fo.sinkgroups.tier.processor.priority.lastresort = 1
      fo.sinkgroups.tier.processor.maxpenalty = 15000
      """;

  private static final String LOAD_BALANCE =
      """
      lb.sources = in
      lb.channels = c d
      lb.sinks = t1 t2 u1 u2 solo
      lb.sinkgroups = even dice alone
      lb.sources.in.type = seq
      lb.sources.in.channels = c d
      lb.sources.in.selector.type = org.apache.flume.channel.LoadBalancingChannelSelector
      lb.sources.in.selector.policy = RANDOM
      lb.channels.c.type = memory
      lb.channels.d.type = memory
      lb.sinks.t1.type = thrift
      lb.sinks.t1.hostname = r1.example.net
      lb.sinks.t1.port = 4141
      lb.sinks.t1.channel = c
      lb.sinks.t2.type = thrift
      lb.sinks.t2.hostname = r2.example.net
      lb.sinks.t2.port = 4141
      lb.sinks.t2.channel = c
      lb.sinks.u1.type = null
      lb.sinks.u1.channel = d
      lb.sinks.u2.type = null
      lb.sinks.u2.channel = d
      lb.sinks.solo.type = null
      lb.sinks.solo.batchSize = 50
      lb.sinks.solo.channel = d
      lb.sinkgroups.even.sinks = t1 t2
      lb.sinkgroups.even.processor.type = load_balance
      lb.sinkgroups.even.processor.selector = round_robin
      lb.sinkgroups.even.processor.backoff = true
      lb.sinkgroups.even.processor.selector.maxTimeOut = 20000
      lb.sinkgroups.dice.sinks = u1 u2
      lb.sinkgroups.dice.processor.type = org.apache.flume.sink.LoadBalancingSinkProcessor
      lb.sinkgroups.dice.processor.selector = RANDOM
      lb.sinkgroups.alone.sinks = solo
      lb.sinkgroups.alone.processor.type = default
      """;

  @TempDir private Path directory;

  @Test
  void aFailoverGroupOfFlumeStartsAsItIs() throws IOException {
    assertUsable(FAILOVER);
  }

  @Test
  void balancedGroupsAndSelectorOfFlumeStartAsTheyAre() throws IOException {
    assertUsable(LOAD_BALANCE);
  }

  private void assertUsable(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("flume.conf"), text);
    CommandRun run = CommandRun.of("check", file.toString());
    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out() + run.err()).doesNotContain("error:").doesNotContain("warning:");
  }
}
