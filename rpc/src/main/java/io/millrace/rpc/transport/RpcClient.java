/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.session.AvroDialect;
import io.millrace.rpc.session.ClientDialect;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Opens connections to one server, and runs them on one event loop. Reconnecting is the owner's
 * affair. Safe for many threads.
 */
public final class RpcClient implements AutoCloseable {
  private static final int MAX_CONNECT_TIMEOUT_MILLIS = 24 * 3600 * 1000;

  private final ClientDialect dialect;
  private final ClientSettings settings;
  private final EventLoopGroup loop;

  /** For Avro RPC. */
  public RpcClient(ClientSettings settings, ThreadFactory threads) {
    this(new AvroDialect(), settings, threads);
  }

  public RpcClient(ClientDialect dialect, ClientSettings settings, ThreadFactory threads) {
    this.dialect = dialect;
    this.settings = settings;
    this.loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
  }

  /**
   * Starts to connect and returns at once. Calls may be handed to the connection right away; they
   * fail with the reason if it never stands.
   */
  public RpcConnection connect() {
    RpcConnection connection = new RpcConnection(dialect, settings, loop.next());
    long timeoutMillis = Math.min(MAX_CONNECT_TIMEOUT_MILLIS, settings.connectTimeout().toMillis());
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeoutMillis)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            // When sending fails, answers may still be there to be read.
            .option(ChannelOption.AUTO_CLOSE, false)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Layers.addClientSide(
                        channel.pipeline(), settings.wrapping(), settings.connectTimeout());
                    channel.pipeline().addLast(connection);
                  }
                })
            .connect(InetSocketAddress.createUnresolved(settings.host(), settings.port()));
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            connection.connectFailed(done.cause());
          }
        });
    return connection;
  }

  /** Closes every connection; calls without an answer fail. Idempotent. */
  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
