/**
 * Avro RPC as Flume's {@code AvroSourceProtocol} uses it: the handshake and what is asked and
 * answered on one connection, for the server and for the client. Does no I/O: frames in, frames
 * out.
 *
 * <pre>
 *   request  = [handshakeRequest] callMetadata messageName parameters
 *   response = [handshakeResponse] callMetadata 00 status
 *            | [handshakeResponse] callMetadata 01 00 errorText
 *            | handshakeResponse                      when it matched nothing
 *   handshakeRequest  = clientHash:16 (00 | 02 clientProtocol) serverHash:16 (00 | 02 map)
 *   handshakeResponse = match (00 | 02 serverProtocol) (00 | 02 serverHash:16) (00 | 02 map)
 *   callMetadata = map of bytes
 * </pre>
 *
 * Source: Avro 1.12 specification, "Protocol Wire Format".
 */
package io.millrace.rpc.session;
