/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The http source with curl, in each of the ways in which it can send a request. */
final class HttpCurlTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MAX_REQUEST_BYTES = 4 << 20;

  /** What it is told to write of each call. */
  private static final Pattern WRITTEN = Pattern.compile("\\d{3} \\d");

  /** Longer than the limit of a call: it comes back in time only if the server says 100. */
  private static final String NEVER = "600";

  @RegisterExtension final Scene scene = new Scene();

  private final int port = Ports.free();
  private AgentProcess agent;
  private int expected;

  @BeforeEach
  void startAgent() {
    Tool.assumeIsThere("curl", "curl");
    agent = scene.millrace("agent", conf()).startAndAwait();
  }

  // One agent for all, since its start takes the most of the time.
  @Test
  void everyWayOfSendingIsAnsweredAndStored() throws IOException {
    plain();
    encoded();
    chunked();
    awaitingContinue();
    oldProtocol();
    keptConnections();
    refusals();
    Conditions.await(
        "all is stored",
        LIMIT,
        () -> agent.metric("SINK.store", "EventDrainSuccessCount") >= expected);
    agent.stop();
    assertThat(Store.of(scene.directory("store")).lines().keySet())
        .isEqualTo(
            IntStream.range(0, expected).mapToObj(i -> "event " + i).collect(Collectors.toSet()));
    assertThat(Store.of(scene.directory("store")).lineCount()).isEqualTo(expected);
  }

  private void plain() throws IOException {
    assertThat(curl(file(events(3)))).isEqualTo("200 1");
    // Asks for HTTP/2 on a connection that goes on with HTTP/1.1 when the server stays silent.
    assertThat(curl(file(events(3)), "--http2")).isEqualTo("200 1");
  }

  private void encoded() throws IOException {
    byte[] text = events(1_000);
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(text);
    }
    assertThat(curl(file(zipped.toByteArray()), "-H", "Content-Encoding: gzip")).isEqualTo("200 1");
    byte[] more = events(1_000);
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(more);
    }
    assertThat(
            curl(
                file(deflated.toByteArray()),
                "-H",
                "Content-Encoding: deflate",
                "-H",
                "Transfer-Encoding: chunked"))
        .isEqualTo("200 1");
  }

  private void chunked() throws IOException {
    assertThat(curl(file(events(5_000)), "-H", "Transfer-Encoding: chunked")).isEqualTo("200 1");
    assertThat(curl(file(events(0)), "-H", "Transfer-Encoding: chunked")).isEqualTo("200 1");
  }

  private void awaitingContinue() throws IOException {
    String[] awaits = {"-H", "Expect: 100-continue", "--expect100-timeout", NEVER};
    assertThat(curl(file(events(10)), awaits)).isEqualTo("200 1");
    // Its own choice for a long body.
    assertThat(curl(file(events(60_000)), "--expect100-timeout", NEVER)).isEqualTo("200 1");
  }

  private void oldProtocol() throws IOException {
    assertThat(curl(file(events(3)), "--http1.0")).isEqualTo("200 1");
    assertThat(curlTwice(file(events(3)), file(events(3)), "--http1.0")).isEqualTo("200 1 200 1");
    assertThat(
            curlTwice(
                file(events(3)), file(events(3)), "--http1.0", "-H", "Connection: keep-alive"))
        .isEqualTo("200 1 200 0");
  }

  private void keptConnections() throws IOException {
    assertThat(curlTwice(file(events(3)), file(events(3)))).isEqualTo("200 1 200 0");
    assertThat(curlTwice(file(events(3)), file(events(3)), "-H", "Connection: close"))
        .isEqualTo("200 1 200 1");
  }

  private void refusals() throws IOException {
    byte[] tooLong = "x".repeat(MAX_REQUEST_BYTES + 1).getBytes(StandardCharsets.US_ASCII);
    assertThat(curl(file(tooLong), "--expect100-timeout", NEVER)).isEqualTo("413 1");
    byte[] broken = "[{\"body\": 1".getBytes(StandardCharsets.US_ASCII);
    assertThat(curl(file(broken))).isEqualTo("400 1");
    assertThat(curl(file(broken), "-H", "Content-Encoding: gzip")).isEqualTo("400 1");
    assertThat(curl(file(broken), "-H", "Content-Encoding: br")).isEqualTo("415 1");
  }

  /** That many events of which none was sent before. */
  private byte[] events(int count) {
    String text =
        IntStream.range(expected, expected + count)
            .mapToObj(i -> "{\"headers\":{\"h\":\"v\"},\"body\":\"event " + i + "\"}")
            .collect(Collectors.joining(",", "[", "]"));
    expected += count;
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(Files.createTempFile(scene.directory(), "request", ".body"), bytes);
  }

  /** Status, and how many connections it has made for that. */
  private String curl(Path body, String... words) {
    return call(List.of(body), words);
  }

  private String curlTwice(Path first, Path second, String... words) {
    return call(List.of(first, second), words);
  }

  private String call(List<Path> bodies, String... words) {
    List<String> all = new ArrayList<>(List.of("curl"));
    for (Path body : bodies) {
      if (all.size() > 1) {
        all.add("--next");
      }
      all.addAll(List.of("--silent", "--show-error", "--output", "/dev/null"));
      all.addAll(List.of("--write-out", "%{http_code} %{num_connects}\n"));
      all.addAll(List.of(words));
      all.addAll(List.of("--data-binary", "@" + body, "http://127.0.0.1:" + port + "/"));
    }
    Command done = Tool.call(scene.directory(), all.toArray(String[]::new));
    assertThat(done.status()).as(all + "\n" + done.output()).isZero();
    return done.output()
        .lines()
        .filter(WRITTEN.asMatchPredicate())
        .collect(Collectors.joining(" "));
  }

  private String conf() {
    return """
        a1.sources = in
        a1.channels = c1
        a1.sinks = store
        a1.sources.in.type = http
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %d
        a1.sources.in.max-request-size = %d
        a1.sources.in.channels = c1
        a1.channels.c1.type = memory
        a1.channels.c1.capacity = 200000
        a1.channels.c1.transactionCapacity = 100000
        %s
        a1.sinks.store.sink.batchSize = 1000
        a1.sinks.store.channel = c1
        """
        .formatted(port, MAX_REQUEST_BYTES, Confs.fileRoll("store", scene.directory("store")));
  }
}
