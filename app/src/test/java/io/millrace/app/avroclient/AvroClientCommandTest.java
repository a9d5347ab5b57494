/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.app.CommandRun;
import io.millrace.rpc.session.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code millrace avro-client} against a server in this process. */
@Timeout(300)
class AvroClientCommandTest {
  @TempDir private Path directory;

  @Test
  void theHelpReadsAsWeWantIt() throws IOException {
    try (InputStream wanted = AvroClientCommandTest.class.getResourceAsStream("help.txt")) {
      assertThat(CommandRun.of("avro-client", "--help").out())
          .isEqualTo(new String(wanted.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void everyLineOfAFileBecomesAnEventInOrder() throws Exception {
    List<String> lines = IntStream.range(0, 25_000).mapToObj(i -> "line " + i).toList();
    Path file = Files.write(directory.resolve("lines.log"), lines);
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver, "-F", file.toString());
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.err()).startsWith("Sent 25,000 events").contains("127.0.0.1:");
      assertThat(run.out()).isEmpty();
      assertThat(receiver.bodies).isEqualTo(lines);
    }
  }

  @Test
  void headersOfTheHeaderFileStandOnEveryEvent() throws Exception {
    Path file = Files.writeString(directory.resolve("x"), "a\r\n\nc");
    Path headers = Files.writeString(directory.resolve("h"), "host = edge1\ntopic: t\n");
    try (AvroReceiver receiver = new AvroReceiver()) {
      assertThat(run(receiver, "-F", file.toString(), "-R", headers.toString()).status()).isZero();
      assertThat(receiver.bodies).containsExactly("a", "", "c");
      assertThat(receiver.headers).hasSize(3).containsOnly(Map.of("host", "edge1", "topic", "t"));
    }
  }

  @Test
  void aDirectoryIsSentOldestFirstAndWhatIsDoneIsRenamed() throws Exception {
    spool("new", "n\n", 3);
    spool("old", "o\n", 1);
    spool(".hidden", "h\n", 0);
    spool("done.COMPLETED", "d\n", 0);
    spool("empty", "", 2);
    Files.createDirectory(directory.resolve("below"));
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver, "--dirname", directory.toString());
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(receiver.bodies).containsExactly("o", "n");
      assertThat(names())
          .containsExactlyInAnyOrder(
              "new.COMPLETED",
              "old.COMPLETED",
              "empty.COMPLETED",
              ".hidden",
              "done.COMPLETED",
              "below");
      assertThat(run(receiver, "--dirname", directory.toString()).status()).isZero();
      assertThat(receiver.bodies).hasSize(2);
    }
  }

  @Test
  void aFileThatIsDoneReplacesNothing() throws Exception {
    spool("a", "new\n", 1);
    spool("a.COMPLETED", "old\n", 0);
    try (AvroReceiver receiver = new AvroReceiver()) {
      CommandRun run = run(receiver, "--dirname", directory.toString());
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("a.COMPLETED exists");
      assertThat(Files.readString(directory.resolve("a.COMPLETED"))).isEqualTo("old\n");
      assertThat(directory.resolve("a")).exists();
    }
  }

  @Test
  void whatIsNotTakenIsSaidAndTheStatusTellsIt() throws Exception {
    Path file = Files.write(directory.resolve("x"), numbers(3000));
    try (AvroReceiver receiver = new AvroReceiver()) {
      receiver.answers =
          request -> receiver.bodies.size() < 2000 ? Answer.Status.OK : Answer.Status.FAILED;
      CommandRun run = run(receiver, "-F", file.toString());
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err())
          .contains("FAILED: it cannot take events now")
          .contains("Acknowledged: the first 2,000");
    }
  }

  @Test
  void eventsRefusedForGoodAreNotTriedAgain() throws Exception {
    Path file = Files.writeString(directory.resolve("x"), "a\n");
    AtomicInteger calls = new AtomicInteger();
    try (AvroReceiver receiver = new AvroReceiver()) {
      receiver.answers =
          request -> {
            calls.incrementAndGet();
            return Answer.CallError.permanent("too large\u001b[2J by far");
          };
      CommandRun run = run(receiver, "-F", file.toString(), "--retry-for", "120");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("for good: too large?[2J by far");
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void aServerThatCannotTakeEventsNowIsAskedAgainForAsLongAsAllowed() throws Exception {
    Path file = Files.write(directory.resolve("x"), numbers(5000));
    AtomicInteger calls = new AtomicInteger();
    try (AvroReceiver receiver = new AvroReceiver()) {
      receiver.answers =
          request -> calls.incrementAndGet() == 1 ? Answer.Status.FAILED : Answer.Status.OK;
      CommandRun run = run(receiver, "-F", file.toString(), "--retry-for", "120");
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.err()).contains("trying again in a moment");
      // What the server had of the first round and could not say comes twice.
      assertThat(receiver.bodies).containsAll(numbers(5000));
    }
  }

  @Test
  void theNextServerTakesOverWhatTheFirstDoesNotTake() throws Exception {
    Path file = Files.write(directory.resolve("x"), numbers(500));
    try (AvroReceiver receiver = new AvroReceiver()) {
      Path properties =
          Files.writeString(
              directory.resolve("p"),
              """
              client.type = default_failover
              hosts = h1 h2
              hosts.h1 = 127.0.0.1:%s
              hosts.h2 = 127.0.0.1:%s
              batch-size = 50
              connect-timeout = 60000
              max-attempts = 5
              """
                  .formatted(closedPort(), receiver.port()));
      CommandRun run =
          CommandRun.of("avro-client", "-P", properties.toString(), "-F", file.toString());
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.err())
          .contains("Without effect here: max-attempts.")
          .contains("cannot connect")
          .contains("trying 127.0.0.1:" + receiver.port());
      assertThat(receiver.bodies).isEqualTo(numbers(500));
    }
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("x"), "a\n");
    int port = closedPort();
    CommandRun run =
        CommandRun.of("avro-client", "-H", "127.0.0.1", "-p", "" + port, "-F", file.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("127.0.0.1:" + port)
        .contains("Connection refused")
        .contains("No event was acknowledged.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | -H h | Give --host and --port, or --rpcProps",
        "2 | -H h -p 0 -F x | --port: 0 (expected: 1 to 65535)",
        "2 | -H h -p 65536 -F x | --port: 65536 (expected: 1 to 65535)",
        "2 | -H h -p x | 'x' is not an int",
        "2 | -H h -p 1 -P f | leave out --host and --port",
        "2 | -H h -p 1 -F f --dirname d | exclude each other",
        "1 | -H h -p 1 -F /nowhere/x | /nowhere/x: no such file",
        "1 | -H h -p 1 -F / | /: a directory (use --dirname)",
        "1 | -H h -p 1 --dirname /nowhere | /nowhere: no such directory",
        "1 | -H h -p 1 -R /nowhere/h | /nowhere/h: no such file",
        "1 | -P /nowhere/p | /nowhere/p: no such file"
      })
  void whatCannotBeDoneIsAnsweredInWords(int status, String arguments, String words) {
    String[] all = ("avro-client " + arguments).split(" ");
    CommandRun run = CommandRun.of(all);
    assertThat(run.status()).isEqualTo(status);
    assertThat(run.err()).startsWith("millrace: ").contains(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hosts = | hosts is missing",
        "hosts = a | hosts.a is missing",
        "hosts = a;hosts.a = x | 'x' (expected: host:port)",
        "hosts = a;hosts.a = x:0 | '0' (expected: 1 to 65535)",
        "client.type = thrift;hosts = a;hosts.a = x:1 | client.type: 'thrift'",
        "compression-type = zip;hosts = a;hosts.a = x:1 | compression-type: 'zip'",
        "ssl = true;truststore = /nowhere/t;hosts = a;hosts.a = x:1 | truststore /nowhere/t"
      })
  void propertiesThatCannotBeUsedAreNamed(String lines, String words) throws IOException {
    Path file = Files.writeString(directory.resolve("p"), lines.replace(';', '\n'));
    CommandRun run = CommandRun.of("avro-client", "-P", file.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).startsWith("millrace: " + file).contains(words);
  }

  private static CommandRun run(AvroReceiver receiver, String... arguments) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("avro-client", "-H", "127.0.0.1", "-p", receiver.port()),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  private void spool(String name, String text, int ageRank) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L + ageRank));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  /** Below the ports of outgoing connections: none of these takes it, nor meets itself there. */
  private static int closedPort() {
    int port = 20_000;
    while (true) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        port++;
      }
    }
  }
}
