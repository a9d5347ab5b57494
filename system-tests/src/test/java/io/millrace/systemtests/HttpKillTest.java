/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The http source of the packaged command. */
@Tag("long")
final class HttpKillTest {
  private static final int HEAP_MIB = 192;
  private static final int CONNECTIONS_EACH = 6;
  private static final int CLIENTS = 4;
  private static final Duration LIMIT = Duration.ofSeconds(180);

  @RegisterExtension final Scene scene = new Scene();

  // Promise 1: acknowledged means synced, also for a client that knows nothing but HTTP.
  @Test
  void whatWasAnswered200IsStoredHoweverOftenTheAgentIsKilled() {
    int kills = Integer.getInteger("system.tests.http.kills", 8);
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", http(port, scene.directory("state"), store));
    agent.startAndAwait();
    Random random = scene.random();
    Set<String> acknowledged;
    try (HttpPoster poster = new HttpPoster(port, CLIENTS)) {
      for (int kill = 0; kill < kills; kill++) {
        int more = poster.acknowledged().size() + 200 + random.nextInt(3000);
        Conditions.await("more is answered", LIMIT, () -> poster.acknowledged().size() >= more);
        agent.kill();
        agent.start();
      }
      int more = poster.acknowledged().size() + 200;
      Conditions.await("more is answered", LIMIT, () -> poster.acknowledged().size() >= more);
      poster.close();
      acknowledged = poster.acknowledged();
      assertThat(poster.surprises()).isEmpty();
    }
    Conditions.await(
        "all of " + acknowledged.size() + " is stored",
        LIMIT,
        Duration.ofMillis(500),
        () -> Store.of(store).lines().keySet().containsAll(acknowledged));
    Scene.say("%d kills, %d events answered 200, 0 lost".formatted(kills, acknowledged.size()));
    agent.stop();
  }

  // Promise 9: memory stays bounded against any unauthenticated peer, and the others are served.
  @Test
  void theGoodClientIsServedAmongHostileOnesWithinABoundOfMemory() throws IOException {
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace(
            "agent", http(port, scene.directory("state"), store), "-Xmx" + HEAP_MIB + "m");
    agent.startAndAwait();
    agent.awaitPort(port);
    Set<String> acknowledged;
    long peak;
    try (HttpPoster poster = new HttpPoster(port, 1);
        Attackers attackers = new Attackers(port)) {
      for (byte[] attack : attacks(scene.random())) {
        attackers.send(attack, CONNECTIONS_EACH);
      }
      attackers.awaitSent();
      int more = poster.acknowledged().size() + 1000;
      Conditions.await(
          "the good client is served", LIMIT, () -> poster.acknowledged().size() >= more);
      peak = agent.process().peakResidentBytes();
      poster.close();
      acknowledged = poster.acknowledged();
      assertThat(poster.surprises()).isEmpty();
      assertThat(agent.log().contains("OutOfMemoryError")).isFalse();
      // Promise 7, with the hostile connections still open.
      agent.stop();
    }
    assertThat(Store.of(store).lines().keySet()).containsAll(acknowledged);
    Scene.say(
        "peak of resident memory: %d MiB with a heap of %d MiB".formatted(peak >> 20, HEAP_MIB));
    // The JVM itself, its code and its threads take about 150 MiB beside heap and buffers.
    assertThat(peak).isLessThan((2L * HEAP_MIB + 150) << 20);
  }

  private static List<byte[]> attacks(Random random) throws IOException {
    byte[] garbage = new byte[1 << 20];
    random.nextBytes(garbage);
    byte[] nothing = new byte[16 << 20];
    Arrays.fill(nothing, (byte) 'x');
    return List.of(
        ascii("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\n[{"),
        // Believable, and never finished: together more than the heap.
        join(ascii(head("Content-Length: 5900000")), Arrays.copyOf(nothing, 5_800_000)),
        join(ascii(head("Transfer-Encoding: chunked") + "1000000\r\n"), nothing),
        // A head, and a chunk's line, without an end.
        join(ascii("POST / HTTP/1.1\r\nX: "), nothing),
        join(ascii(head("Transfer-Encoding: chunked")), nothing),
        ascii(head("Content-Length: 4\r\nTransfer-Encoding: chunked") + "0\r\n\r\n"),
        posted("[".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII), ""),
        posted(("[" + "{},".repeat(1 << 20)).getBytes(StandardCharsets.US_ASCII), ""),
        // 5 MiB of text in which every character is escaped.
        posted(
            ("[{\"body\":\"" + "\\u0041".repeat(800_000)).getBytes(StandardCharsets.US_ASCII), ""),
        posted(gzip(new byte[64 << 20]), "Content-Encoding: gzip\r\n"),
        new byte[] {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, (byte) 0xfc, 0x03, 0x03},
        garbage);
  }

  private static String head(String headers) {
    return "POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n\r\n";
  }

  private static byte[] posted(byte[] body, String headers) {
    return join(ascii(head(headers + "Content-Length: " + body.length)), body);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String http(int port, Path state, Path store) {
    return """
        a1.sources = in
        a1.channels = disk
        a1.sinks = store
        a1.sources.in.type = http
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %d
        a1.sources.in.channels = disk
        %s
        %s
        a1.sinks.store.channel = disk
        """
        .formatted(port, Confs.fileChannel("disk", state), Confs.fileRoll("store", store));
  }
}
