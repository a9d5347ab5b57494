/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that fill the bytes in flight long before any of them is whole. */
@Timeout(300)
class HttpBudgetTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int CLIENTS = 8;
  private static final int LIMIT_BYTES = 4 << 20;
  private static final int BODY_BYTES = 2_000_000;

  /** Of all clients together more than the limit, of each less than a request. */
  private static final int FIRST_PART_BYTES = 1_200_000;

  private final HttpRig rig = new HttpRig();
  private final CountDownLatch ends = new CountDownLatch(1);

  @BeforeEach
  void start() {
    rig.maxInFlight = Optional.of(DataSize.ofBytes(LIMIT_BYTES));
    rig.maxRequestBytes = 8 << 20;
  }

  @AfterEach
  void stop() throws Exception {
    ends.countDown();
    rig.close();
  }

  private static byte[] body() {
    return ("[{\"body\":\"" + "x".repeat(BODY_BYTES) + "\"}]").getBytes(StandardCharsets.UTF_8);
  }

  /** Sends the first part, waits for the word to go on, sends the rest, and reads the answer. */
  private CompletableFuture<Integer> post(boolean isChunked, CountDownLatch goesOn)
      throws IOException {
    RawClient client = rig.connect();
    byte[] body = body();
    CompletableFuture<Integer> status = new CompletableFuture<>();
    daemon(
        () -> {
          try {
            client.send(
                RawClient.head(
                    isChunked
                        ? "Transfer-Encoding: chunked\r\n"
                        : "Content-Length: " + body.length + "\r\n"));
            send(client, body, 0, FIRST_PART_BYTES, isChunked);
            goesOn.await();
            send(client, body, FIRST_PART_BYTES, body.length - FIRST_PART_BYTES, isChunked);
            if (isChunked) {
              client.send("0\r\n\r\n");
            }
            status.complete(client.read().status());
          } catch (IOException e) {
            status.completeExceptionally(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            status.completeExceptionally(e);
          }
        });
    return status;
  }

  private static void send(RawClient client, byte[] body, int offset, int length, boolean isChunked)
      throws IOException {
    byte[] part = new byte[length];
    System.arraycopy(body, offset, part, 0, length);
    if (isChunked) {
      client.send(Integer.toHexString(length) + "\r\n");
    }
    client.send(part);
    if (isChunked) {
      client.send("\r\n");
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "client");
    thread.setDaemon(true);
    thread.start();
  }

  private long bytesInFlight() {
    return rig.context.metrics().value("RequestBytesInFlight");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void halfReceivedRequestsThatFillTheBudgetAreAllTakenOneAfterAnother(boolean isChunked)
      throws Exception {
    rig.budgetTurn = Optional.of(LONG);
    rig.start();
    CountDownLatch goesOn = new CountDownLatch(1);
    List<CompletableFuture<Integer>> statuses = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      statuses.add(post(isChunked, goesOn));
    }
    await().atMost(LONG).until(() -> bytesInFlight() > LIMIT_BYTES);
    await().atMost(LONG).until(() -> rig.context.metrics().value("ConnectionsPaused") > 0);
    assertThat(rig.output.emits()).isZero();
    goesOn.countDown();
    await().atMost(LONG).until(() -> statuses.stream().allMatch(CompletableFuture::isDone));
    assertThat(statuses).extracting(CompletableFuture::get).containsOnly(200);
    assertThat(rig.output.events()).hasSize(CLIENTS);
    await().atMost(LONG).until(() -> bytesInFlight() == 0);
    assertThat(rig.context.metrics().value("ConnectionsClosedBudget")).isZero();
  }

  @Test
  void channelsThatDoNotAnswerHoldTheOthersBackWithinABound() throws Exception {
    rig.budgetTurn = Optional.of(LONG);
    rig.output.hold();
    rig.start();
    List<CompletableFuture<Integer>> statuses = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      statuses.add(post(false, new CountDownLatch(0)));
    }
    await().atMost(LONG).until(() -> rig.output.emits() > 0);
    await()
        .during(Duration.ofMillis(300))
        .atMost(LONG)
        // Beside the limit: the request whose turn it is, and what one read may make each take.
        .until(() -> bytesInFlight() <= LIMIT_BYTES + BODY_BYTES + CLIENTS * (1L << 20));
    assertThat(rig.output.emits()).isLessThan(CLIENTS);
    rig.output.release();
    await().atMost(LONG).until(() -> statuses.stream().allMatch(CompletableFuture::isDone));
    assertThat(statuses).extracting(CompletableFuture::get).containsOnly(200);
    await().atMost(LONG).until(() -> bytesInFlight() == 0);
  }

  /** Whoever is read on beyond the limit is so for one request, not for those behind it. */
  @Test
  void aTurnEndsWithItsRequestThoughTheNextHasBegun() throws Exception {
    rig.budgetTurn = Optional.of(LONG);
    rig.start();
    CountDownLatch goesOn = new CountDownLatch(1);
    byte[] body = body();
    List<CompletableFuture<Integer>> statuses = new ArrayList<>();
    statuses.add(post(false, goesOn));
    statuses.add(post(false, goesOn));
    await().atMost(LONG).until(() -> bytesInFlight() >= 2L * body.length);
    RawClient first = rig.connect();
    byte[] head =
        RawClient.head("Content-Length: " + body.length + "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer begin = ByteBuffer.allocate(head.length + FIRST_PART_BYTES);
    begin.put(head).put(body, 0, FIRST_PART_BYTES);
    first.send(begin.array());
    await().atMost(LONG).until(() -> bytesInFlight() > LIMIT_BYTES);
    for (int i = 3; i < CLIENTS; i++) {
      statuses.add(post(false, goesOn));
    }
    await().atMost(LONG).until(() -> rig.context.metrics().value("ConnectionsPaused") > 3);
    ByteBuffer endAndBegin = ByteBuffer.allocate(head.length + body.length);
    endAndBegin.put(body, FIRST_PART_BYTES, body.length - FIRST_PART_BYTES).put(begin.array());
    CompletableFuture<Integer> flood = new CompletableFuture<>();
    daemon(
        () -> {
          try {
            while (ends.getCount() > 0) {
              first.send(endAndBegin.array());
            }
            flood.complete(0);
          } catch (IOException e) {
            flood.completeExceptionally(e);
          }
        });
    goesOn.countDown();
    await().atMost(LONG).until(() -> statuses.stream().allMatch(CompletableFuture::isDone));
    assertThat(statuses).extracting(CompletableFuture::get).containsOnly(200);
    assertThat(flood).isNotDone();
  }

  @Test
  void aRefusedRequestPassesItsTurnOn() throws Exception {
    rig.budgetTurn = Optional.of(LONG);
    rig.start();
    List<RawClient> broken = new ArrayList<>();
    byte[] body = body();
    for (int i = 0; i < CLIENTS; i++) {
      RawClient client = rig.connect();
      broken.add(client);
      daemon(
          () -> {
            try {
              client.send(RawClient.head("Transfer-Encoding: chunked\r\n"));
              send(client, body, 0, FIRST_PART_BYTES, true);
              client.send("no length\r\n");
            } catch (IOException e) {
              // Refused already.
            }
          });
    }
    for (RawClient client : broken) {
      assertThat(client.read().status()).isEqualTo(400);
    }
    await().atMost(LONG).until(() -> bytesInFlight() == 0);
    assertThat(rig.post(HttpRig.EVENTS).status()).isEqualTo(200);
  }
}
