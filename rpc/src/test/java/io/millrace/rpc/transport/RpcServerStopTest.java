/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.TransientException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.AvroDialect;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients learn about their calls when a connection ends. */
@Timeout(300)
class RpcServerStopTest {
  private static final int ROUNDS = 36;
  private static final int OPEN_CALLS = 256;
  private static final Wrapping DEFLATE = new Wrapping(Optional.of(1), Optional.empty());

  @Test
  void aPipeliningClientSeesTheAnswerToEveryBatchThatAnOrderlyStopLetComplete() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      stopUnderLoad(round, round % 3 == 2 ? DEFLATE : Wrapping.NONE, round % 2 == 1);
    }
  }

  private static void stopUnderLoad(int round, Wrapping wrapping, boolean later) throws Exception {
    AtomicInteger completed = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger open = new AtomicInteger();
    RequestHandler handler =
        request -> {
          CompletableFuture<Answer> answer = new CompletableFuture<>();
          Runnable work =
              () -> {
                completed.incrementAndGet();
                answer.complete(Answer.Status.OK);
              };
          if (later) {
            ForkJoinPool.commonPool().execute(work);
          } else {
            work.run();
          }
          return answer;
        };
    TestServer server =
        new TestServer(
            handler,
            settings ->
                new ServerSettings(
                    settings.address(),
                    settings.limits(),
                    wrapping,
                    settings.filter(),
                    settings.ioThreads()));
    try (RpcClient client = client(server.port(), wrapping)) {
      RpcConnection connection = client.connect();
      Semaphore permits = new Semaphore(OPEN_CALLS);
      EventBatch batch = EventBatch.of(Map.of(), new byte[10_000]);
      Thread sender =
          TestServer.daemon("sender")
              .newThread(
                  () -> {
                    while (!connection.isEnded()) {
                      permits.acquireUninterruptibly();
                      open.incrementAndGet();
                      connection
                          .appendBatch(batch, Map.of())
                          .whenComplete(
                              (answer, failure) -> {
                                if (answer == Answer.Status.OK) {
                                  seen.incrementAndGet();
                                }
                                open.decrementAndGet();
                                permits.release();
                              });
                    }
                  });
      sender.start();
      await().until(() -> seen.get() > 50 + 10 * OPEN_CALLS);
      long startNanos = System.nanoTime();
      server.server.stop(Duration.ofSeconds(60));
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isLessThan(Duration.ofSeconds(50));
      sender.join();
      await().until(() -> open.get() == 0);
      assertThat(seen.get()).as("answers seen, round %d", round).isEqualTo(completed.get());
    }
  }

  @Test
  void aCallOfUnknownOutcomeIsNotAnsweredWhenTheGraceIsOver() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    TestServer server =
        new TestServer(
            request -> {
              asked.incrementAndGet();
              return new CompletableFuture<>();
            });
    try (RpcClient client = client(server.port(), Wrapping.NONE)) {
      CompletableFuture<Answer> answer = client.connect().appendBatch(EventBatch.EMPTY, Map.of());
      await().until(() -> asked.get() == 1);
      server.server.stop(Duration.ofMillis(100));
      assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TransientException.class)
          .hasMessageContaining("the server closed the connection");
    }
  }

  @Test
  void aCallThatCannotBeSentFailsWithAllOthersAndEndsTheConnection() {
    FailingAllocator allocator = new FailingAllocator();
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAllocator(allocator);
    RpcConnection connection =
        new RpcConnection(new AvroDialect(), settings(1, Wrapping.NONE), channel.eventLoop());
    channel.pipeline().addLast(connection);
    channel.pipeline().fireChannelActive();
    allocator.isFull = true;
    CompletableFuture<Answer> first = connection.appendBatch(EventBatch.EMPTY, Map.of());
    CompletableFuture<Answer> second = connection.appendBatch(EventBatch.EMPTY, Map.of());
    channel.runPendingTasks();
    assertThat(connection.isEnded()).isTrue();
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    assertThatThrownBy(first::get)
        .hasCauseInstanceOf(TransientException.class)
        .hasMessageContaining("cannot send: no room");
  }

  private static RpcClient client(int port, Wrapping wrapping) {
    return new RpcClient(settings(port, wrapping), TestServer.daemon("client"));
  }

  private static ClientSettings settings(int port, Wrapping wrapping) {
    return ClientSettings.of(
        "localhost", port, Duration.ofSeconds(60), Duration.ofSeconds(60), true, wrapping);
  }

  /** Gives nothing when told so. */
  private static final class FailingAllocator extends PooledByteBufAllocator {
    private boolean isFull;

    @Override
    public ByteBuf ioBuffer(int bytes) {
      if (isFull) {
        throw new OutOfMemoryError("no room");
      }
      return super.ioBuffer(bytes);
    }
  }
}
