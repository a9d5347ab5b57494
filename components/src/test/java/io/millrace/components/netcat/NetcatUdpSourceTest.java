/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.listen.DatagramOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class NetcatUdpSourceTest {
  @Test
  void eachLineOfADatagramIsAnEventOfItsSender() throws Exception {
    ToySourceContext context = new ToySourceContext();
    ToyOutput output = context.output();
    NetcatUdpSource source =
        new NetcatUdpSource(
            new NetcatUdpOptions(
                Optional.of("127.0.0.1"), 0, Optional.of("from"), DatagramOptions.PLAIN),
            context);
    source.start();
    try (DatagramSocket client = new DatagramSocket()) {
      for (String text : new String[] {"one", "two\nthree\n", "", "\nfour"}) {
        byte[] bytes = text.getBytes(UTF_8);
        client.send(
            new DatagramPacket(
                bytes, bytes.length, InetAddress.getLoopbackAddress(), source.port()));
      }
      await().until(() -> output.bodies().size() == 6);
      assertThat(output.bodies()).containsExactly("one", "two", "three", "", "", "four");
      assertThat(output.events().get(0).headers())
          .isEqualTo(Map.of("from", "/127.0.0.1:" + client.getLocalPort()));
    } finally {
      source.stop();
    }
  }
}
