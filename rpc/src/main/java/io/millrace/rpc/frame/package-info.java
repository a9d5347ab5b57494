/**
 * The framing under Avro RPC and Thrift on TCP as Flume speaks them. Does no I/O: bytes in, frames
 * out.
 *
 * <pre>
 *   frame  = serial:int32 count:int32 buffer*count      big-endian
 *   buffer = length:int32 byte*length                   length may be 0
 * </pre>
 *
 * Avro's frames look like this; a frame of Thrift is one buffer, without serial and count.
 *
 * <p>The message is what the buffers hold, joined; where they are cut means nothing. There is no
 * checksum and no length of the whole.
 */
package io.millrace.rpc.frame;
