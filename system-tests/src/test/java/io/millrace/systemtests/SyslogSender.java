/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A real rsyslogd or syslog-ng, which takes lines on a port of its own and forwards them; run as a
 * process of the test and never as a service. Confined to one thread.
 */
final class SyslogSender implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Where Debian has it, which is not in everybody's search path; else wherever it is. */
  private static final String RSYSLOG =
      Files.isExecutable(Path.of("/usr/sbin/rsyslogd")) ? "/usr/sbin/rsyslogd" : "rsyslogd";

  private final int port;
  private final WatchedProcess process;
  private final OutputStream out;

  private SyslogSender(int port, WatchedProcess process) throws IOException {
    this.port = port;
    this.process = process;
    Conditions.await("the sender listens", LIMIT, () -> !process.isAlive() || Ports.isOpen(port));
    if (!process.isAlive()) {
      throw new IllegalStateException("the sender has ended: " + process.log());
    }
    Socket socket = Ports.connect(port);
    out = new BufferedOutputStream(socket.getOutputStream());
  }

  /** The test is left out, and says so, where it is not installed. */
  static void assumeRsyslogIsThere() {
    if (!Path.of(RSYSLOG).isAbsolute()) {
      Tool.assumeIsThere(RSYSLOG, "rsyslog");
    }
  }

  /** rsyslog with a queue that goes to disk when the receiver is away. */
  static SyslogSender rsyslog(Scene scene, int targetPort) throws IOException {
    int port = Ports.free();
    Path work = scene.directory("rsyslog");
    Path conf = scene.directory().resolve("rsyslog.conf");
    Files.writeString(
        conf,
        """
        global(workDirectory="%1$s" maxMessageSize="64k")
        module(load="imtcp")
        input(type="imtcp" port="%2$d" address="127.0.0.1")
        action(
          type="omfwd" target="127.0.0.1" port="%3$d" protocol="tcp"
          tcp_framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
          action.resumeRetryCount="-1" action.resumeInterval="1"
          queue.type="linkedList" queue.size="2000" queue.filename="forward"
          queue.maxDiskSpace="256m" queue.saveOnShutdown="on")
        """
            .formatted(work, port, targetPort));
    return new SyslogSender(
        port,
        WatchedProcess.start(
            "rsyslogd",
            List.of(RSYSLOG, "-n", "-f", conf.toString(), "-i", work + "/rsyslogd.pid"),
            scene.directory(),
            Map.of(),
            scene.directory().resolve("rsyslogd.log")));
  }

  /** syslog-ng, which forwards in the old format over TLS. */
  static SyslogSender syslogNg(Scene scene, int targetPort) throws IOException {
    SyslogNgPackage programs = new SyslogNgPackage();
    int port = Ports.free();
    Path work = scene.directory("syslog-ng");
    Path conf = scene.directory().resolve("syslog-ng.conf");
    Files.writeString(
        conf,
        """
        @version: %s
        options { stats-freq(0); time-reopen(1); };
        source s { network(ip("127.0.0.1") port(%d) transport("tcp")); };
        destination d {
          network("127.0.0.1" port(%d) transport("tls") tls(peer-verify(optional-untrusted)));
        };
        log { source(s); destination(d); flags(flow-control); };
        """
            .formatted(programs.version(), port, targetPort));
    return new SyslogSender(
        port,
        WatchedProcess.start(
            "syslog-ng",
            List.of(
                programs.path(SyslogNgPackage.SYSLOG_NG),
                "-F",
                "--no-caps",
                "-f",
                conf.toString(),
                "--module-path=" + programs.modules(),
                "-R",
                work + "/persist",
                "-p",
                work + "/pid",
                "-c",
                work + "/control"),
            scene.directory(),
            programs.environment(),
            scene.directory().resolve("syslog-ng.log")));
  }

  int port() {
    return port;
  }

  /** Hands the sender messages with the texts m{from} to m{to - 1}. */
  void send(int from, int to) {
    try {
      for (int i = from; i < to; i++) {
        out.write(
            ("<13>Nov 23 05:09:19 host app: m" + i + "\n").getBytes(StandardCharsets.US_ASCII));
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("to the sender at port " + port, e);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
    process.close();
  }
}
