/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import io.millrace.systemtests.AvroClient.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The sources that {@link EverySourceKilledTest} kills. Stateless. */
final class KilledSources {
  private static final String ANSWERED = "what was answered with OK is stored";

  private KilledSources() {}

  static List<KilledSource> all() {
    List<KilledSource> all = new ArrayList<>(KilledFileSources.all());
    all.addAll(
        List.of(
            Server.of("avro", ANSWERED, KilledSources::callAvro),
            Server.of("thrift", ANSWERED, KilledSources::callThrift, "protocol = binary"),
            Server.of("scribe", ANSWERED, KilledSources::callScribe),
            Server.of("http", "what was answered with 200 is stored", KilledSources::postHttp),
            Server.of(
                "netcat", "a line that was answered with OK is stored", KilledSources::sendNetcat),
            new CommandOutput(),
            SyslogLines.tcp("syslogtcp", Ports.free()),
            SyslogLines.tcp("multiport_syslogtcp", Ports.free()),
            SyslogLines.udp("syslogudp", Ports.free()),
            SyslogLines.udp("netcatudp", Ports.free())));
    return all;
  }

  private static List<String> listening(String type, int port) {
    return List.of("type = " + type, "bind = 127.0.0.1", "port = " + port);
  }

  static byte[] bytes(List<String> lines) {
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** What a client does with a port, and the lines that it was told are taken. */
  private interface Client {
    List<String> offer(int port, List<String> lines) throws IOException;
  }

  /** A source that listens on a port and answers. */
  private record Server(
      String type, String promise, int port, Client client, List<String> moreOptions)
      implements KilledSource {
    static Server of(String type, String promise, Client client, String... moreOptions) {
      return new Server(type, promise, Ports.free(), client, List.of(moreOptions));
    }

    @Override
    public List<String> options(Path directory) {
      List<String> options = new ArrayList<>(listening(type, port));
      options.addAll(moreOptions);
      return options;
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      return client.offer(port, lines);
    }
  }

  private static List<String> callAvro(int port, List<String> lines) throws IOException {
    try (AvroClient client = new AvroClient(port, Senders.ANSWER_MILLIS)) {
      return client.send(lines) == Outcome.ACKNOWLEDGED ? lines : List.of();
    }
  }

  private static List<String> callThrift(int port, List<String> lines) throws IOException {
    try (ThriftClient client = new ThriftClient(port)) {
      return client.send(lines) ? lines : List.of();
    }
  }

  private static List<String> callScribe(int port, List<String> lines) throws IOException {
    try (ThriftClient client = new ThriftClient(port)) {
      return client.log(lines) ? lines : List.of();
    }
  }

  private static List<String> postHttp(int port, List<String> lines) throws IOException {
    String events =
        lines.stream()
            .map(line -> "{\"headers\":{},\"body\":\"" + line + "\"}")
            .collect(Collectors.joining(",", "[", "]"));
    byte[] body = events.getBytes(StandardCharsets.US_ASCII);
    String head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n";
    try (Socket socket = Ports.connect(port)) {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      String status = answersOn(socket).readLine();
      return status != null && status.startsWith("HTTP/1.1 200 ") ? lines : List.of();
    }
  }

  private static List<String> sendNetcat(int port, List<String> lines) throws IOException {
    List<String> taken = new ArrayList<>();
    try (Socket socket = Ports.connect(port)) {
      socket.getOutputStream().write(bytes(lines));
      BufferedReader answers = answersOn(socket);
      for (String line : lines) {
        if (!"OK".equals(answers.readLine())) {
          break;
        }
        taken.add(line);
      }
    } catch (IOException e) {
      if (taken.isEmpty()) {
        throw e;
      }
    }
    return taken;
  }

  private static BufferedReader answersOn(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  private static final class CommandOutput implements KilledSource {
    private Path file;

    @Override
    public String type() {
      return "exec";
    }

    @Override
    public String promise() {
      return "nothing: what the command has written and the agent not stored is lost, and so is"
          + " what it would have written meanwhile";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      file = Files.createFile(directory.resolve("output"));
      return List.of("type = exec", "command = tail -n 0 -s 0.1 -F " + file, "batchTimeout = 100");
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      Files.write(file, bytes(lines), StandardOpenOption.APPEND);
      return List.of();
    }

    @Override
    public boolean isAnswered() {
      return false;
    }
  }

  /** Senders that are told nothing, as these protocols have it. */
  private static final class SyslogLines implements KilledSource {
    private final String type;
    private final int port;
    private final boolean isUdp;
    private Socket socket;

    private SyslogLines(String type, int port, boolean isUdp) {
      this.type = type;
      this.port = port;
      this.isUdp = isUdp;
    }

    static SyslogLines tcp(String type, int port) {
      return new SyslogLines(type, port, /* isUdp= */ false);
    }

    static SyslogLines udp(String type, int port) {
      return new SyslogLines(type, port, /* isUdp= */ true);
    }

    @Override
    public String type() {
      return type;
    }

    @Override
    public String promise() {
      return isUdp
          ? "nothing: UDP answers nobody; what comes while the agent is away is lost"
          : "nothing: syslog answers nobody; what was sent and not stored by then is lost";
    }

    @Override
    public List<String> options(Path directory) {
      return switch (type) {
        case "netcatudp" -> listening(type, port);
        case "multiport_syslogtcp" ->
            List.of("type = " + type, "host = 127.0.0.1", "ports = " + port);
        default -> List.of("type = " + type, "host = 127.0.0.1", "port = " + port);
      };
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      List<String> messages =
          type.equals("netcatudp")
              ? lines
              : lines.stream().map(line -> "<13>Nov 23 05:09:19 host " + line).toList();
      if (isUdp) {
        sendDatagrams(messages);
      } else {
        sendStream(messages);
      }
      return List.of();
    }

    private void sendDatagrams(List<String> messages) throws IOException {
      try (DatagramSocket datagrams = new DatagramSocket()) {
        for (String message : messages) {
          byte[] bytes = message.getBytes(StandardCharsets.US_ASCII);
          datagrams.send(
              new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
        }
      }
    }

    /** One connection for as long as it lasts, as senders of syslog do. */
    private void sendStream(List<String> messages) throws IOException {
      try {
        if (socket == null) {
          socket = Ports.connect(port);
        }
        socket.getOutputStream().write(bytes(messages));
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    @Override
    public boolean isAnswered() {
      return false;
    }

    @Override
    public void close() throws IOException {
      if (socket != null) {
        socket.close();
        socket = null;
      }
    }
  }
}
