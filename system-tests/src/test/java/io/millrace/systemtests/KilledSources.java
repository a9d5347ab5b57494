/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import io.millrace.systemtests.AvroClient.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The sources that {@link EverySourceKilledTest} kills. Stateless. */
final class KilledSources {
  private static final String ANSWERED = "what was answered with OK is stored";

  private KilledSources() {}

  static List<KilledSource> all() {
    return List.of(
        new AvroCalls(Ports.free()),
        new ThriftCalls(Ports.free()),
        new NetcatLines(Ports.free()),
        new FollowedFile(),
        new CommandOutput());
  }

  private static List<String> listening(String type, int port) {
    return List.of("type = " + type, "bind = 127.0.0.1", "port = " + port);
  }

  private static byte[] bytes(List<String> lines) {
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private record AvroCalls(int port) implements KilledSource {
    @Override
    public String type() {
      return "avro";
    }

    @Override
    public String promise() {
      return ANSWERED;
    }

    @Override
    public List<String> options(Path directory) {
      return listening("avro", port);
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      try (AvroClient client = new AvroClient(port, Senders.ANSWER_MILLIS)) {
        return client.send(lines) == Outcome.ACKNOWLEDGED ? lines : List.of();
      }
    }
  }

  private record ThriftCalls(int port) implements KilledSource {
    @Override
    public String type() {
      return "thrift";
    }

    @Override
    public String promise() {
      return ANSWERED;
    }

    @Override
    public List<String> options(Path directory) {
      List<String> options = new ArrayList<>(listening("thrift", port));
      options.add("protocol = binary");
      return options;
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      try (ThriftClient client = new ThriftClient(port)) {
        return client.send(lines) ? lines : List.of();
      }
    }
  }

  private record NetcatLines(int port) implements KilledSource {
    @Override
    public String type() {
      return "netcat";
    }

    @Override
    public String promise() {
      return "a line that was answered with OK is stored";
    }

    @Override
    public List<String> options(Path directory) {
      return listening("netcat", port);
    }

    @Override
    public List<String> offer(List<String> lines) throws IOException {
      List<String> taken = new ArrayList<>();
      try (Socket socket = Ports.connect(port)) {
        socket.getOutputStream().write(bytes(lines));
        BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
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
  }

  private static final class FollowedFile implements KilledSource {
    private Path log;

    @Override
    public String type() {
      return "taildir";
    }

    @Override
    public String promise() {
      return "every line of the files is stored; what was read since positions were saved comes"
          + " twice";
    }

    @Override
    public List<String> options(Path directory) throws IOException {
      Path logs = Files.createDirectories(directory.resolve("logs"));
      log = logs.resolve("app.log");
      return List.of(
          "type = taildir",
          "filegroups = g",
          "filegroups.g = " + logs + "/.*\\\\.log",
          "positionFile = " + directory.resolve("positions.json"),
          "writePosInterval = 200");
    }

    /** A line that stands in the file is the source's. */
    @Override
    public List<String> offer(List<String> lines) throws IOException {
      Files.write(log, bytes(lines), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return lines;
    }
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
      return List.of(
          "type = exec", "command = tail -n 0 -s 0.1 -F " + file, "batchTimeout = 100");
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
}
