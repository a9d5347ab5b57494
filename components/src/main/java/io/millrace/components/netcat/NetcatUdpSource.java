/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.BatchCollector;
import io.millrace.components.listen.DatagramReceiver;
import io.millrace.kit.text.LineFeeds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/** Life of a netcatudp source. */
final class NetcatUdpSource implements Source {
  private final NetcatUdpOptions options;
  private final SourceContext context;
  private DatagramReceiver receiver;

  NetcatUdpSource(NetcatUdpOptions options, SourceContext context) {
    this.options = options;
    this.context = context;
  }

  @Override
  public void start() {
    DatagramReceiver opened =
        new DatagramReceiver(
            context,
            new InetSocketAddress(options.bind().orElse("0.0.0.0"), options.port()),
            options.datagrams(),
            new Lines());
    opened.start();
    receiver = opened;
  }

  int port() throws IOException {
    return receiver.port();
  }

  @Override
  public void stop() throws InterruptedException {
    if (receiver != null) {
      receiver.stop();
      receiver = null;
    }
  }

  /** An empty datagram is an empty line. Confined to the receiver's thread. */
  private final class Lines implements DatagramReceiver.Reader {
    private InetSocketAddress lastSender;
    private EncodedHeaders headers = EncodedHeaders.NONE;

    @Override
    public void read(byte[] array, int length, InetSocketAddress sender, BatchCollector collector) {
      if (!sender.equals(lastSender)) {
        lastSender = sender;
        headers =
            options
                .remoteAddress()
                .map(name -> EncodedHeaders.of(Map.of(name, String.valueOf(sender))))
                .orElse(EncodedHeaders.NONE);
      }
      int at = 0;
      do {
        int end = LineFeeds.indexOf(array, at, length);
        int lineEnd = end < 0 ? length : end;
        collector.batch().add(headers, array, at, lineEnd - at);
        collector.added();
        at = lineEnd + 1;
      } while (at < length);
    }
  }
}
