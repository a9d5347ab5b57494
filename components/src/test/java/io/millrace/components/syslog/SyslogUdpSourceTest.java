/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.DataSize;
import io.millrace.components.listen.DatagramOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class SyslogUdpSourceTest {
  private final ToySourceContext context = new ToySourceContext();
  private final ToyOutput output = context.output();
  private DatagramSocket client;
  private DatagramOptions datagrams = DatagramOptions.PLAIN;
  private SyslogUdpSource source;

  private void start() {
    source =
        new SyslogUdpSource(
            new SyslogUdpOptions(
                Optional.of("127.0.0.1"),
                0,
                new SyslogMessageOptions(
                    List.of("none"), Optional.of("ip"), Optional.empty(), Optional.of("UTC")),
                SyslogFormatOptions.NONE,
                datagrams),
            context);
    source.start();
  }

  private void send(String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    client.send(
        new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), source.port()));
  }

  @BeforeEach
  void open() throws IOException {
    client = new DatagramSocket();
  }

  @AfterEach
  void stop() throws Exception {
    output.release();
    client.close();
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  @Test
  void aDatagramIsAMessageWithAllItsLines() throws IOException {
    start();
    send("<34>Oct 11 22:14:15 mymachine su: one\ntwo\n");
    send("\n");
    send("garbage");
    await().until(() -> output.bodies().size() == 2);
    assertThat(output.bodies()).containsExactly("su: one\ntwo", "garbage");
    assertThat(output.events().get(0).headers())
        .containsEntry("host", "mymachine")
        .containsEntry("ip", "127.0.0.1");
    assertThat(output.events().get(1).headers()).containsEntry("flume.syslog.status", "Invalid");
    await().until(() -> context.metrics().value("MessagesMalformed") == 1);
  }

  @Test
  void whatWasReadOutlivesAFullChannelAndWhatTheKernelDropsIsCounted() throws Exception {
    datagrams = new DatagramOptions(10, DataSize.ofBytes(65536), DataSize.ofBytes(20_000));
    output.hold();
    start();
    int sent = 2000;
    for (int i = 0; i < sent; i++) {
      send("<13>Nov 23 05:09:19 host " + "x".repeat(200) + i);
    }
    await().until(() -> context.metrics().value("BytesInFlight") >= 20_000);
    output.pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    output.release();
    await()
        .until(
            () ->
                output.bodies().size() + context.metrics().value("DatagramsDroppedByKernel")
                    == sent);
    assertThat(context.metrics().value("DatagramsDroppedByKernel")).isPositive();
    assertThat(output.bodies()).doesNotHaveDuplicates();
  }

  @Test
  void aStopReadsWhatTheKernelHas() throws Exception {
    start();
    // As many as the kernel keeps by default though nobody reads.
    for (int i = 0; i < 150; i++) {
      send("<13>Nov 23 05:09:19 host m" + i);
    }
    source.stop();
    source = null;
    assertThat(output.bodies()).hasSize(150);
  }
}
