/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * One zlib stream in each direction for the life of a connection; what is sent is flushed so that
 * the peer can read it at once.
 *
 * <p>Against bombs: what is received is inflated in chunks of {@link #CHUNK_BYTES}, each of which
 * the handlers behind take before the next is made; when they stop reading, inflating stops. So
 * what a few bytes inflate to is under the limits of whoever takes it, and takes no more here.
 *
 * <p>The streams are made with their first byte, for each takes native memory ({@link
 * #NATIVE_BYTES} both): a peer that only connects costs nothing of it.
 *
 * <p>Confined to the event loop.
 */
final class ZlibCodec extends ChannelDuplexHandler {
  static final int CHUNK_BYTES = 32 * 1024;

  /** What zlib allocates for an inflater and a deflater with windows of 32 KiB, about. */
  static final int NATIVE_BYTES = 310 * 1024;

  private final int level;
  private final Deque<ByteBuf> held = new ArrayDeque<>();
  private Inflater inflater;
  private Deflater deflater;
  private boolean isInflating;
  private boolean isEnded;

  ZlibCodec(int level) {
    this.level = level;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    held.add((ByteBuf) message);
    inflate(ctx, false);
  }

  /** What is asked for may be here already. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (held.isEmpty() || isInflating) {
      ctx.read();
      return;
    }
    ctx.executor()
        .execute(
            () -> {
              inflate(ctx, true);
              if (held.isEmpty()) {
                ctx.read();
              }
            });
  }

  private void inflate(ChannelHandlerContext ctx, boolean isResumed) {
    if (isInflating) {
      return;
    }
    isInflating = true;
    if (inflater == null) {
      inflater = new Inflater();
    }
    try {
      while (!held.isEmpty() && !isEnded && isWanted(ctx)) {
        ByteBuf input = held.peek();
        inflater.setInput(input.nioBuffer());
        inflateAll(ctx);
        input.skipBytes(input.readableBytes() - inflater.getRemaining());
        if (!input.isReadable()) {
          held.poll().release();
        }
      }
    } catch (DataFormatException e) {
      isEnded = true;
      throw new DecoderException("not a zlib stream", e);
    } finally {
      isInflating = false;
      if (isEnded) {
        releaseHeld();
      }
    }
    if (isResumed) {
      ctx.fireChannelReadComplete();
    }
  }

  private void inflateAll(ChannelHandlerContext ctx) throws DataFormatException {
    while (isWanted(ctx)) {
      ByteBuf chunk = ctx.alloc().ioBuffer(CHUNK_BYTES);
      int bytes = 0;
      try {
        ByteBuffer target = chunk.nioBuffer(0, CHUNK_BYTES);
        bytes = inflater.inflate(target);
        chunk.writerIndex(bytes);
      } finally {
        if (bytes == 0) {
          chunk.release();
        }
      }
      if (bytes == 0) {
        if (inflater.needsDictionary()) {
          throw new DataFormatException("the stream wants a dictionary");
        }
        if (inflater.finished()) {
          // Java peers end their stream when they close.
          isEnded = true;
          ctx.close();
        }
        return;
      }
      ctx.fireChannelRead(chunk);
    }
  }

  private boolean isWanted(ChannelHandlerContext ctx) {
    return ctx.channel().isOpen() && ctx.channel().config().isAutoRead();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf plain = (ByteBuf) message;
    if (!plain.isReadable()) {
      ctx.write(plain, promise);
      return;
    }
    if (deflater == null) {
      deflater = new Deflater(level);
    }
    ByteBuf packed = ctx.alloc().ioBuffer(plain.readableBytes() / 2 + 64);
    try {
      deflater.setInput(plain.nioBuffer());
      int room;
      int bytes;
      do {
        packed.ensureWritable(64);
        room = packed.writableBytes();
        bytes = deflater.deflate(packed.nioBuffer(packed.writerIndex(), room), Deflater.SYNC_FLUSH);
        packed.writerIndex(packed.writerIndex() + bytes);
      } while (bytes == room);
    } finally {
      plain.release();
    }
    ctx.write(packed, promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    releaseHeld();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    releaseHeld();
    if (inflater != null) {
      inflater.end();
    }
    if (deflater != null) {
      deflater.end();
    }
  }

  private void releaseHeld() {
    for (ByteBuf buffer = held.poll(); buffer != null; buffer = held.poll()) {
      buffer.release();
    }
  }
}
