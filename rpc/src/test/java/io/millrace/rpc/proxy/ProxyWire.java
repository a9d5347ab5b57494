/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection that a header stands in front of, and what its listener was told. */
final class ProxyWire implements ProxyListener, AutoCloseable {
  static final InetSocketAddress PROXY_ADDRESS = address("10.9.9.9", 33_000);

  final EmbeddedChannel channel;
  final List<Fault> faults = new ArrayList<>();
  final List<InetSocketAddress> clients = new ArrayList<>();
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
  private final ByteArrayOutputStream passed = new ByteArrayOutputStream();
  private final boolean goesOnAtOnce;
  private Runnable goOn;

  ProxyWire(ProxySettings settings) {
    this(settings, true);
  }

  ProxyWire(ProxySettings settings, boolean goesOnAtOnce) {
    this.goesOnAtOnce = goesOnAtOnce;
    channel =
        new EmbeddedChannel(DefaultChannelId.newInstance(), false, false) {
          @Override
          protected SocketAddress remoteAddress0() {
            return PROXY_ADDRESS;
          }
        };
    channel.config().setAllocator(memory);
    channel.pipeline().addLast(new ProxyHeader(settings, this));
    try {
      channel.register();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static ProxySettings required(String... from) {
    return new ProxySettings(
        ProxyProtocol.REQUIRED, AddressRanges.parse(List.of(from)), Duration.ofSeconds(10));
  }

  static ProxySettings optional() {
    return new ProxySettings(
        ProxyProtocol.OPTIONAL,
        AddressRanges.parse(List.of("10.9.9.0/24")),
        Duration.ofSeconds(10));
  }

  static InetSocketAddress address(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public void clientKnown(InetSocketAddress client, Runnable next) {
    clients.add(client);
    goOn = next;
    if (goesOnAtOnce) {
      next.run();
    }
  }

  void goOn() {
    goOn.run();
  }

  @Override
  public void headerFailed(Fault fault) {
    faults.add(fault);
  }

  ProxyWire send(byte[]... pieces) {
    for (byte[] piece : pieces) {
      if (channel.isOpen()) {
        ByteBuf bytes = memory.buffer(piece.length).writeBytes(piece);
        channel.writeInbound(bytes);
      }
    }
    return this;
  }

  /** What came through so far, and what its client was when it did. */
  byte[] passed() {
    for (ByteBuf bytes = channel.readInbound(); bytes != null; bytes = channel.readInbound()) {
      byte[] copy = new byte[bytes.readableBytes()];
      bytes.readBytes(copy);
      passed.writeBytes(copy);
      bytes.release();
    }
    return passed.toByteArray();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Handlers left in front of the connection. */
  int handlers() {
    return channel.pipeline().names().size();
  }

  /** Ends it; what memory is still held then. */
  long heldBytesAfterEnd() {
    passed();
    channel.finishAndReleaseAll();
    return memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory();
  }

  long heldBytes() {
    return memory.metric().usedHeapMemory() + memory.metric().usedDirectMemory();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
