/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class NextHopTest {
  @Test
  void answersEveryBatchOfAClientAndKnowsWhenTheFirstCame() throws Exception {
    long beforeNanos = System.nanoTime();
    try (NextHop hop = NextHop.open()) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), hop.port());
      try (LoadGenerator load =
          LoadGenerator.start(address, new Scenario("test", 3, 100, 512, 4), 50)) {
        await().until(() -> !load.isRunning());
        load.check();
        assertThat(load.ledger().requestsOk()).isEqualTo(50);
      }
      assertThat(hop.appends()).isEqualTo(50);
      assertThat(hop.firstAppendNanos()).isBetween(beforeNanos, System.nanoTime());
    }
  }

  @Test
  void aHandshakeAloneIsAnsweredAndIsNoBatch() throws Exception {
    try (NextHop hop = NextHop.open();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), hop.port())) {
      new DataOutputStream(socket.getOutputStream())
          .write(AppendBatchFrame.frame(1, new byte[] {1, 2, 3}));
      DataInputStream in = new DataInputStream(socket.getInputStream());

      assertThat(in.readInt()).as("serial").isEqualTo(1);
      assertThat(in.readInt()).as("buffers").isEqualTo(1);
      assertThat(in.readInt()).as("bytes").isEqualTo(4);
      assertThat(hop.appends()).isZero();
    }
  }
}
