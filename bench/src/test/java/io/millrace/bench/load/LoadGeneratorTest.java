/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
  private static final byte[] FIRST_OK = {0, 0, 0, 0, 0, 0, 0};
  private static final byte[] OK = {0, 0, 0};
  private static final byte[] FAILED = {0, 0, 2};

  @Test
  void countsExactlyWhatWasAcknowledged() throws Exception {
    // The tenth request is refused.
    try (ToySource source = new ToySource(n -> n == 1 ? FIRST_OK : n == 10 ? FAILED : OK);
        LoadGenerator load =
            LoadGenerator.start(source.address(), new Scenario("test", 1, 100, 512, 3), 50)) {
      await().until(() -> !load.isRunning());
      load.stop();

      assertThat(load.ledger().requestsFailed()).isEqualTo(1);
      assertThat(load.ledger().requestsOk() + load.ledger().requestsFailed())
          .isEqualTo(source.received.get())
          .isEqualTo(50);
      assertThat(load.ledger().requestsOutOfOrder()).isZero();
    }
  }

  @Test
  void saysSoWhenTheSourceHangsUp() throws Exception {
    try (ToySource source = new ToySource(n -> n == 1 ? FIRST_OK : n < 5 ? OK : null);
        LoadGenerator load =
            LoadGenerator.start(source.address(), new Scenario("test", 1, 1, 10, 1), 50)) {
      await().until(() -> !load.isRunning());

      assertThatThrownBy(load::check).hasMessageContaining("1 requests unanswered");
      assertThat(load.ledger().requestsOk()).isEqualTo(4);
    }
  }

  /** Reads the frames of one connection and answers each as told; null hangs up. */
  private static final class ToySource implements AutoCloseable {
    final AtomicInteger received = new AtomicInteger();
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final IntFunction<byte[]> answers;

    ToySource(IntFunction<byte[]> answers) throws IOException {
      this.answers = answers;
      Thread thread = new Thread(this::serve, "toy-source");
      thread.setDaemon(true);
      thread.start();
    }

    InetSocketAddress address() {
      return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    private void serve() {
      try (Socket socket = server.accept()) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        while (true) {
          int serial = in.readInt();
          int buffers = in.readInt();
          for (int i = 0; i < buffers; i++) {
            in.readFully(new byte[in.readInt()]);
          }
          byte[] answer = answers.apply(serial);
          if (answer == null) {
            return;
          }
          received.incrementAndGet();
          out.writeInt(serial);
          out.writeInt(1);
          out.writeInt(answer.length);
          out.write(answer);
        }
      } catch (IOException e) {
        return; // the client is done
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
