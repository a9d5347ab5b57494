/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.BatchCollector;
import io.millrace.components.listen.DatagramReceiver;
import io.millrace.components.listen.PeerNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Life of a source that gets syslog over UDP. A whole datagram is a message, line feeds too. */
final class SyslogUdpSource implements Source {
  private final SyslogUdpOptions options;
  private final SourceContext context;
  private PeerNames names;
  private DatagramReceiver receiver;

  SyslogUdpSource(SyslogUdpOptions options, SourceContext context) {
    this.options = options;
    this.context = context;
  }

  @Override
  public void start() {
    names = new PeerNames(context.threads("names"), System::nanoTime);
    DatagramReceiver opened =
        new DatagramReceiver(
            context,
            new InetSocketAddress(options.host().orElse("0.0.0.0"), options.port()),
            options.datagrams(),
            new Reader());
    try {
      opened.start();
    } catch (RuntimeException e) {
      names.close();
      throw e;
    }
    receiver = opened;
  }

  int port() throws IOException {
    return receiver.port();
  }

  @Override
  public void stop() throws InterruptedException {
    if (receiver != null) {
      receiver.stop();
      names.close();
      receiver = null;
    }
  }

  /** Confined to the receiver's thread. */
  private final class Reader implements DatagramReceiver.Reader {
    private final Counter malformed = context.metrics().counter("MessagesMalformed");
    private final SyslogEvents events =
        new SyslogEvents(
            SyslogDialect.SINGLE,
            options.message().kept(),
            new SyslogTimestamps(options.zone(), System::currentTimeMillis),
            options.format().custom(options.zone()));
    private InetSocketAddress lastSender;
    private EncodedHeaders headers = EncodedHeaders.NONE;

    @Override
    public void read(byte[] array, int length, InetSocketAddress sender, BatchCollector collector) {
      int bytes = SyslogFramer.withoutTrailer(array, 0, length);
      if (bytes == 0) {
        return;
      }
      if (!sender.equals(lastSender)) {
        lastSender = sender;
        headers = options.message().headersOf(sender, names::nameOrAddress, Map.of());
      }
      events.add(array, 0, bytes, false, StandardCharsets.UTF_8, headers, collector.batch());
      collector.added();
    }

    @Override
    public void turnEnded() {
      malformed.add(events.takeMalformed());
      // A name may be known by now.
      lastSender = null;
    }
  }
}
