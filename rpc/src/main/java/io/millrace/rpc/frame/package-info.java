/**
 * The framing under Avro RPC on TCP as Flume speaks it. Does no I/O: bytes in, frames out.
 *
 * <pre>
 *   frame  = serial:int32 count:int32 buffer*count      big-endian
 *   buffer = length:int32 byte*length                   length may be 0
 * </pre>
 *
 * The message is what the buffers hold, joined; where they are cut means nothing. There is no
 * checksum and no length of the whole.
 */
package io.millrace.rpc.frame;
