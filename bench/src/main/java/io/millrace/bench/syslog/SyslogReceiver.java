/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.syslog;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Ports;
import io.millrace.bench.agent.ProcessFacts;
import io.millrace.bench.agent.Product;
import io.millrace.bench.machine.Pause;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A running receiver of syslog, which says how many messages went through it. Closing kills it. */
interface SyslogReceiver extends AutoCloseable {
  Duration START_TIMEOUT = Duration.ofSeconds(60);

  InetSocketAddress address();

  /** Messages that have arrived where the receiver brings them. */
  long messages() throws IOException, InterruptedException;

  ProcessFacts facts();

  @Override
  void close() throws IOException, InterruptedException;

  /** What stands behind the syslogtcp source of an agent. */
  enum Behind {
    MEMORY_NULL,
    FILE_NULL,
    MEMORY_ROLL,
    /** Written as rsyslog writes: synced when the operating system likes. */
    MEMORY_ROLL_UNSYNCED
  }

  /** An agent with a syslogtcp source. */
  static SyslogReceiver agent(Product product, Path directory, Behind behind, List<String> jvm)
      throws IOException, InterruptedException {
    int port = Ports.free(1)[0];
    Path rolled = Files.createDirectories(directory.resolve("rolled"));
    String text =
        """
        a1.sources = r1
        a1.channels = c1
        a1.sinks = k1
        a1.sources.r1.type = syslogtcp
        a1.sources.r1.host = 127.0.0.1
        a1.sources.r1.port = %d
        a1.sources.r1.channels = c1
        a1.channels.c1.capacity = %d
        a1.channels.c1.transactionCapacity = 10000
        a1.sinks.k1.channel = c1
        """
            .formatted(port, behind == Behind.FILE_NULL ? 20_000_000 : 100_000);
    String channel =
        behind == Behind.FILE_NULL
            ? """
              a1.channels.c1.type = file
              a1.channels.c1.checkpointDir = %s/checkpoint
              a1.channels.c1.dataDirs = %s/data
              """
                .formatted(directory, directory)
            : "a1.channels.c1.type = memory\n";
    String sink =
        switch (behind) {
          case MEMORY_NULL, FILE_NULL ->
              """
              a1.sinks.k1.type = null
              a1.sinks.k1.batchSize = 1000
              a1.sinks.k1.logEveryNEvents = 1000000000
              """;
          case MEMORY_ROLL -> rolling(rolled);
          case MEMORY_ROLL_UNSYNCED -> rolling(rolled) + "a1.sinks.k1.millrace.sync = false\n";
        };
    AgentProcess agent = AgentProcess.launch(product, directory, text + channel + sink, port, jvm);
    try {
      agent.awaitReady(START_TIMEOUT);
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
    return new SyslogReceiver() {
      @Override
      public InetSocketAddress address() {
        return agent.source();
      }

      @Override
      public long messages() throws IOException, InterruptedException {
        return agent.channelMetrics().eventsTaken();
      }

      @Override
      public ProcessFacts facts() {
        return agent.facts();
      }

      @Override
      public void close() throws InterruptedException {
        agent.close();
      }
    };
  }

  private static String rolling(Path directory) {
    return """
        a1.sinks.k1.type = file_roll
        a1.sinks.k1.sink.directory = %s
        a1.sinks.k1.sink.rollInterval = 0
        a1.sinks.k1.sink.batchSize = 1000
        """
        .formatted(directory);
  }

  /** rsyslog, which writes each message as a line of a file. */
  static SyslogReceiver rsyslog(Path directory, int messageBytes)
      throws IOException, InterruptedException {
    int port = Ports.free(1)[0];
    Path file = directory.resolve("rsyslog.conf");
    Path out = directory.resolve("out.log");
    Files.writeString(
        file,
        """
        global(workDirectory="%s")
        module(load="imtcp")
        template(name="lines" type="string" string="%%timestamp%% %%hostname%% %%syslogtag%%%%msg%%\\n")
        input(type="imtcp" port="%d" address="127.0.0.1")
        action(type="omfile" file="%s" template="lines")
        """
            .formatted(directory, port, out));
    Process process =
        new ProcessBuilder(
                "rsyslogd", "-n", "-f", file.toString(), "-i", directory + "/rsyslog.pid")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("rsyslog.log").toFile())
            .start();
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    SyslogReceiver receiver =
        new SyslogReceiver() {
          @Override
          public InetSocketAddress address() {
            return address;
          }

          @Override
          public long messages() throws IOException {
            // Without <13>, which is not written.
            return Files.exists(out) ? Files.size(out) / (messageBytes - 4) : 0;
          }

          @Override
          public ProcessFacts facts() {
            return new ProcessFacts(process.pid());
          }

          @Override
          public void close() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor();
          }
        };
    long deadlineNanos = System.nanoTime() + START_TIMEOUT.toNanos();
    while (true) {
      try (Socket probe = new Socket()) {
        probe.connect(address, 1000);
        return receiver;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() - deadlineNanos > 0) {
          receiver.close();
          throw new IOException("rsyslogd does not listen, see " + directory, notYet);
        }
        Pause.of(Duration.ofMillis(50));
      }
    }
  }
}
