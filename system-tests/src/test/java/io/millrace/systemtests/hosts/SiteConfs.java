/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Configurations of the site's agents, each for an agent {@code a1}. Stateless. */
final class SiteConfs {
  static final int BATCH = 100;

  /** Calls of a sink that may wait for their answers. */
  static final int CALLS_IN_FLIGHT = 2;

  /** An answer that takes longer means trouble at the other end. */
  private static final int ANSWER_MILLIS = 3_000;

  private static final int CONNECT_MILLIS = 1_000;

  private SiteConfs() {}

  /** netcat -> file -> avro, through the balancer. */
  static String agent(Host host, Path state, Place collectors, int batch) {
    return netcatSource(host)
        + fileChannel(state, 4 << 20)
        + "a1.sinks = uplink\n"
        + avroSink("uplink", collectors, batch);
  }

  private static String netcatSource(Host host) {
    return """
        a1.sources = app
        a1.channels = disk

        a1.sources.app.type = netcat
        a1.sources.app.bind = %s
        a1.sources.app.port = %d
        a1.sources.app.channels = disk

        """
        .formatted(host.bindAddress(), Site.AGENT_PORT);
  }

  /** netcat -> file -> a group of avro sinks, one for each collector. */
  static String groupAgent(Host host, Path state, List<Place> collectors, int batch) {
    String names =
        IntStream.rangeClosed(1, collectors.size())
            .mapToObj(i -> "uplink" + i)
            .collect(Collectors.joining(" "));
    StringBuilder sinks = new StringBuilder();
    for (int i = 1; i <= collectors.size(); i++) {
      sinks.append(avroSink("uplink" + i, collectors.get(i - 1), batch));
    }
    return netcatSource(host)
        + fileChannel(state, 4 << 20)
        + """
        a1.sinks = %1$s
        a1.sinkgroups = collectors
        a1.sinkgroups.collectors.sinks = %1$s
        a1.sinkgroups.collectors.processor.type = load_balance
        a1.sinkgroups.collectors.processor.backoff = true
        a1.sinkgroups.collectors.processor.selector.maxTimeOut = 5000

        """
            .formatted(names)
        + sinks;
  }

  /**
   * avro -> file -> avro.
   *
   * @param balancer the address that the balancer calls from
   */
  static String collector(Host host, Path state, Place store, String balancer, int batch) {
    return avroSource(host)
        + """
        a1.sources.in.proxy-protocol = optional
        a1.sources.in.proxy-protocol-from = %s

        """
            .formatted(balancer)
        // Small segments, so that a full disk is met at once.
        + fileChannel(state, 64 << 10)
        + "a1.sinks = uplink\n"
        + avroSink("uplink", store, batch);
  }

  /** avro -> file -> file_roll. */
  static String store(Host host, Path state, Path files) {
    return avroSource(host)
        + fileChannel(state, 4 << 20)
        + """
        a1.sinks = files
        a1.sinks.files.type = file_roll
        a1.sinks.files.sink.directory = %s
        a1.sinks.files.sink.rollInterval = 10
        a1.sinks.files.sink.batchSize = %d
        a1.sinks.files.channel = disk
        """
            .formatted(files, BATCH);
  }

  private static String avroSource(Host host) {
    return """
        a1.sources = in
        a1.channels = disk

        a1.sources.in.type = avro
        a1.sources.in.bind = %s
        a1.sources.in.port = %d
        a1.sources.in.channels = disk

        """
        .formatted(host.bindAddress(), Site.AVRO_PORT);
  }

  private static String fileChannel(Path state, int segmentBytes) {
    return """
        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %1$s/checkpoint
        a1.channels.disk.dataDirs = %1$s/data
        a1.channels.disk.maxFileSize = %2$d
        a1.channels.disk.minimumRequiredSpace = 1048576
        a1.channels.disk.checkpointInterval = 1000

        """
        .formatted(state, segmentBytes);
  }

  private static String avroSink(String name, Place to, int batch) {
    return """
        a1.sinks.%1$s.type = avro
        a1.sinks.%1$s.hostname = %2$s
        a1.sinks.%1$s.port = %3$d
        a1.sinks.%1$s.batch-size = %4$d
        a1.sinks.%1$s.max-in-flight = %5$d
        a1.sinks.%1$s.connect-timeout = %6$d
        a1.sinks.%1$s.request-timeout = %7$d
        a1.sinks.%1$s.channel = disk
        """
        .formatted(
            name, to.address(), to.port(), batch, CALLS_IN_FLIGHT, CONNECT_MILLIS, ANSWER_MILLIS);
  }
}
